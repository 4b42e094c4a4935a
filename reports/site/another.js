// Another practice on the explore page: the answer to a municipality and a practice.
// Everything shown is written as text, never as markup.
(() => {
  const held = JSON.parse(document.getElementById("data").textContent).another;
  if (!held) return;
  const [area, standard] = ["area", "standard"].map((name) => document.getElementById(`another-${name}`));
  const label = (select) => select.options[select.selectedIndex].textContent;
  const columns = held.worth ? 6 : 4;

  function show() {
    const rows = (held.answers[area.value] || {})[standard.value] || [];
    document.getElementById("another-choice").textContent = `${label(area)} · ${label(standard)}`;
    document.getElementById("another-none").hidden = rows.length > 0;
    const body = document.querySelector("#another-table tbody");
    body.replaceChildren(...rows.map((cells) => {
      const row = document.createElement("tr");
      cells.slice(0, columns).forEach((text, at) => {
        const cell = document.createElement(at ? "td" : "th");
        if (!at) cell.scope = "row";
        const [value, limits] = Array.isArray(text) ? text : [text, null];
        cell.textContent = value;
        if (limits) {
          const under = document.createElement("small");
          under.textContent = limits;
          cell.append(" ", under);
        }
        row.append(cell);
      });
      return row;
    }));
  }
  for (const select of [area, standard]) {
    select.form.addEventListener("submit", (event) => event.preventDefault());
    select.addEventListener("change", show);
  }
  show();
})();
