// The front page: sorting and searching the ranking. Everything is in the page without it too.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-script", "with-script");
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const search = one("#search");

  function filter() {
    let found = 0;
    const rows = all("table.ranking tbody tr");
    for (const row of rows) {
      const text = `${row.cells[0].textContent} ${row.cells[1].textContent}`;
      row.hidden = search.value.trim() !== "" && !matches(text, search.value);
      if (!row.hidden) found += 1;
    }
    const status = one("#search-found");
    if (search.value.trim() === "") status.textContent = "";
    else if (found === 0) status.textContent = status.dataset.none;
    else {
      status.textContent = status.dataset.found
        .replace("%found%", found).replace("%total%", rows.length);
    }
  }

  function sort(button) {
    const header = button.closest("th");
    const table = button.closest("table");
    const column = header.cellIndex;
    const rising = header.getAttribute("aria-sort") !== "ascending";
    for (const other of all("th[aria-sort]", table)) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const text = (row) => row.cells[column].textContent;
    const value = (row) => Number(row.cells[column].dataset.v);
    const compare = button.dataset.kind === "text"
      ? (a, b) => text(a).localeCompare(text(b), "da")
      : (a, b) => value(a) - value(b);
    const body = table.tBodies[0];
    const rows = Array.from(body.rows).sort((a, b) => (rising ? compare(a, b) : compare(b, a)));
    body.append(...rows);
  }

  for (const form of all("form")) form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", filter);
  for (const button of all("table.ranking thead button")) {
    button.addEventListener("click", () => sort(button));
  }
  filter();
})();
