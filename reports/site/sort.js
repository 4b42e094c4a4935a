// Sorting the ranking. Everything is in the page without it too.
(() => {
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
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

  for (const button of all("table.ranking thead button")) {
    button.addEventListener("click", () => sort(button));
  }
})();
