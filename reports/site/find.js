// The search in the head of every page: a municipality by name or code, its page one choice away.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-script", "with-script");
  // Where the contents stand above the page they are folded: the page comes first.
  if (matchMedia("(max-width: 62rem)").matches) {
    for (const fold of document.querySelectorAll(".contents details")) fold.open = false;
  }
  const input = document.getElementById("find");
  const list = document.getElementById("find-list");
  const status = document.getElementById("find-status");
  const sought = JSON.parse(document.getElementById("sought").textContent);

  function show() {
    list.replaceChildren();
    status.textContent = "";
    const text = input.value.trim();
    if (text === "") return;
    const several = partsOf(text);
    if (several.length > 1) { compare(several); return; }
    const hits = found(text);
    for (const [code, name, page, verdict] of hits.slice(0, 8)) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = page;
      link.textContent = name;
      const small = document.createElement("small");
      small.textContent = verdict ? ` ${code} · ${verdict}` : ` ${code}`;
      link.append(small);
      item.append(link);
      list.append(item);
    }
    status.textContent = hits.length
      ? status.dataset.found.replace("%n%", hits.length) : status.dataset.none;
    if (!hits.length) {
      const none = document.createElement("li");
      none.textContent = status.dataset.none;
      list.append(none);
    }
  }
  function found(text) {
    const hits = sought.filter(([code, name]) => code.startsWith(text) || matches(name, text));
    return hits.sort((a, b) => startsLate(a[1], text) - startsLate(b[1], text));
  }
  // Several with commas between: one link to all of them side by side.
  function compare(several) {
    const names = several.map((text) => found(text)[0]).filter(Boolean).map(([, name]) => name);
    const item = document.createElement("li");
    if (names.length === several.length) {
      const link = document.createElement("a");
      link.href = `${input.form.dataset.explore}#${new URLSearchParams({ soeg: names.join(", ") })}`;
      link.textContent = status.dataset.compare.replace("%names%", names.join(", "));
      item.append(link);
    } else item.textContent = status.dataset.none;
    status.textContent = item.textContent;
    list.append(item);
  }
  const startsLate = (name, text) => !folded(name).some((form, at) => form.startsWith(folded(text)[at]));

  input.addEventListener("input", show);
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = list.querySelector("a");
    if (first) first.click();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; show(); }
    if (event.key === "ArrowDown" && list.querySelector("a")) {
      list.querySelector("a").focus();
      event.preventDefault();
    }
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = Array.from(list.querySelectorAll("a"));
    (links[links.indexOf(document.activeElement) + step] || input).focus();
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (!input.form.contains(event.target)) list.replaceChildren();
  });
})();
