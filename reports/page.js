"use strict";
// Choice of outcome and model, sorting, searching and one municipality's cells.
// Everything shown is written as text, never as markup.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-script", "with-script");
  const danish = root.lang === "da";
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const source = document.getElementById("data");
  const data = source ? JSON.parse(source.textContent) : null;
  const format = (value, decimals) =>
    value.toLocaleString(danish ? "da-DK" : "en-GB", {
      minimumFractionDigits: decimals, maximumFractionDigits: decimals,
    });

  const radio = (name) => one(`input[name=${name}]:checked`);
  const search = one("#search");
  const place = one("#municipality-choice");
  const measure = one("#outcome-choice");

  function showView() {
    const chosen = `${radio("outcome").value}-${radio("model").value}`;
    for (const view of all("[data-view]")) view.hidden = view.dataset.view !== chosen;
    const tables = all("[data-outcome]");
    for (const table of tables) table.hidden = table.dataset.outcome !== radio("outcome").value;
    filter();
  }

  function filter() {
    const sought = search.value.trim().toLocaleLowerCase("da");
    let found = 0;
    let total = 0;
    for (const table of all("table.ranking")) {
      const visible = !table.closest(".view").hidden;
      for (const row of table.tBodies[0].rows) {
        const text = `${row.cells[0].textContent} ${row.cells[1].textContent}`;
        row.hidden = sought !== "" && !text.toLocaleLowerCase("da").includes(sought);
        if (visible) {
          total += 1;
          if (!row.hidden) found += 1;
        }
      }
    }
    const status = one("#search-found");
    const template = status.dataset.found;
    if (sought === "") status.textContent = "";
    else if (found === 0) status.textContent = status.dataset.none;
    else status.textContent = template.replace("{found}", found).replace("{total}", total);
  }

  function sort(button) {
    const header = button.closest("th");
    const table = button.closest("table");
    const column = header.cellIndex;
    const rising = header.getAttribute("aria-sort") !== "ascending";
    for (const other of all("th[aria-sort]", table)) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const value = (row) => {
      const cell = row.cells[column];
      return button.dataset.kind === "text" ? cell.textContent : Number(cell.dataset.v);
    };
    const compare = button.dataset.kind === "text"
      ? (a, b) => value(a).localeCompare(value(b), "da")
      : (a, b) => value(a) - value(b);
    const body = table.tBodies[0];
    const rows = Array.from(body.rows).sort((a, b) => (rising ? compare(a, b) : compare(b, a)));
    body.append(...rows);
  }

  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    if (text !== null) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  function cellOf(packed) {
    if (packed === 0) return element("td", data.missing);
    const [observed, expected, sign = 0] = packed;
    const cell = element("td", null);
    const count = element("b", observed === null ? data.hidden : format(observed, 0));
    if (observed === null) {
      cell.className = "hidden-count";
      count.setAttribute("aria-hidden", "true");
      cell.append(element("span", data.words.suppressed, { class: "unseen" }));
      cell.title = data.words.suppressed;
    }
    cell.append(count);
    if (sign) {
      cell.className = sign > 0 ? "more" : "fewer";
      count.append(element("i", sign > 0 ? "▴" : "▾", { "aria-hidden": "true" }));
      cell.append(element("span", sign > 0 ? data.words.more : data.words.fewer, { class: "unseen" }));
    }
    const small = element("small", format(expected, 1));
    small.prepend(element("span", `${data.words.expected_word} `, { class: "unseen" }));
    cell.append(small);
    return cell;
  }

  // Totals: an observed total only where nothing in the line is hidden.
  function sum(cells) {
    const known = cells.filter((cell) => cell !== 0);
    const hidden = known.some((cell) => cell[0] === null);
    const observed = hidden ? null : known.reduce((total, cell) => total + cell[0], 0);
    return [observed, known.reduce((total, cell) => total + cell[1], 0)];
  }

  // whole: the published total of the municipality, for the last line.
  function line(label, cells, whole = null) {
    const row = element("tr", null, whole ? { class: "total" } : {});
    row.append(element("th", label, { scope: "row" }));
    for (const cell of cells) row.append(cellOf(cell));
    const total = cellOf(whole || sum(cells));
    total.classList.add("total");
    row.append(total);
    return row;
  }

  function showMunicipality() {
    if (!data) return;
    const cells = data.cells[measure.value][place.value];
    const table = one("#municipality-table");
    const name = place.selectedOptions[0].textContent;
    one("caption strong span", table).textContent =
      `${name}, ${measure.selectedOptions[0].textContent}`;
    one("#municipality-summary").textContent = data.summaries[measure.value][place.value] || "";
    const head = element("tr", null);
    head.append(element("th", data.words.diagnosis, { scope: "col", class: "text" }));
    for (const tenure of data.tenures) head.append(element("th", tenure, { scope: "col" }));
    head.append(element("th", data.words.total, { scope: "col", class: "total" }));
    table.tHead.replaceChildren(head);
    const width = data.tenures.length;
    const rows = cells
      ? data.diagnoses.map((label, i) => line(label, cells.slice(i * width, (i + 1) * width)))
      : [];
    if (cells) {
      const columns = data.tenures.map((_, i) => sum(cells.filter((__, at) => at % width === i)));
      rows.push(line(data.words.total, columns, data.totals[measure.value][place.value]));
    }
    table.tBodies[0].replaceChildren(...rows);
  }

  // The address keeps the choice: #udfald=FP&model=within&kommune=492
  function remember() {
    const parts = { udfald: radio("outcome").value, model: radio("model").value };
    if (place && place.dataset.chosen) parts.kommune = place.value;
    history.replaceState(null, "", `#${new URLSearchParams(parts)}`);
  }

  function pick(name, value) {
    const found = all(`input[name=${name}]`).find((input) => input.value === value);
    if (found) found.checked = true;
  }

  function readAddress() {
    const hash = decodeURIComponent(location.hash.slice(1));
    if (!hash.includes("=")) return;
    const chosen = new URLSearchParams(hash);
    pick("outcome", chosen.get("udfald"));
    pick("model", chosen.get("model"));
    const code = chosen.get("kommune");
    showView();
    if (data) measure.value = radio("outcome").value;
    if (data && data.places.some(([known]) => known === code)) {
      place.value = code;
      place.dataset.chosen = "1";
      showMunicipality();
      if (!chosen.has("udfald")) remember();
      one("#municipality").scrollIntoView();
      place.focus({ preventScroll: true });
    } else showMunicipality();
  }

  if (data) {
    one("#search-found").dataset.found = data.found;
    place.append(...data.places.map(([code, name]) => element("option", name, { value: code })));
    measure.append(...data.outcomes.map(([code, name]) => element("option", name, { value: code })));
    measure.value = radio("outcome").value;
    place.addEventListener("change", () => {
      place.dataset.chosen = "1";
      showMunicipality();
      remember();
    });
    measure.addEventListener("change", showMunicipality);
  }
  for (const input of all("input[type=radio]")) {
    input.addEventListener("change", () => {
      showView();
      if (data && data.cells[radio("outcome").value]) measure.value = radio("outcome").value;
      showMunicipality();
      remember();
    });
  }
  for (const form of all("form")) form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", filter);
  for (const button of all("table.ranking thead button")) {
    button.addEventListener("click", () => sort(button));
  }
  addEventListener("hashchange", readAddress);
  showView();
  showMunicipality();
  readAddress();
})();
