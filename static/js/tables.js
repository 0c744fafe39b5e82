// Tables whose rows become cards on phones: CSS display values other than table make browsers forget
// the roles, so they are written down. And the box that ticks all rows of the page.
function keepRoles(table) {
  table.setAttribute("role", "table");
  for (const group of table.querySelectorAll("thead, tbody, tfoot")) group.setAttribute("role", "rowgroup");
  for (const row of table.rows) row.setAttribute("role", "row");
  for (const cell of table.querySelectorAll("td")) cell.setAttribute("role", "cell");
  for (const head of table.querySelectorAll("th")) {
    head.setAttribute("role", head.scope === "row" ? "rowheader" : "columnheader");
  }
}
const prepare = (root) => root.querySelectorAll?.(".table.is-cards").forEach(keepRoles);
prepare(document);
document.addEventListener("htmx:afterSwap", (event) => {
  prepare(event.target);
  const table = event.target.closest?.(".table.is-cards");
  if (table) keepRoles(table);
});

document.addEventListener("change", (event) => {
  const all = event.target.closest?.("[data-check-all]");
  if (!all) return;
  for (const box of all.closest("table").querySelectorAll("tbody .rowcheck input")) box.checked = all.checked;
});
