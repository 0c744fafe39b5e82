// Writing a campaign: merge fields at the cursor, the size as you type. Without it every page still works.
const size = (text) => Math.max(text ? 1 : 0, Math.round(new TextEncoder().encode(text).length / 1024));
// East Asian wide characters count one, the others half.
const width = (text) => [...text].reduce((sum, c) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u.test(c) ? 1 : 0.5), 0);

let last = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches("textarea, input[type=text]")) last = event.target;
});

for (const button of document.querySelectorAll("[data-merge]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = last ?? document.getElementById(button.dataset.target);
    if (!field) return;
    const word = button.dataset.merge;
    const start = field.selectionStart ?? field.value.length;
    field.setRangeText(word, start, field.selectionEnd ?? start, "end");
    field.focus();
    // Between the quotation marks of default(""), where the fallback is written.
    const quotes = word.indexOf('""');
    if (quotes >= 0) field.setSelectionRange(start + quotes + 1, start + quotes + 1);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function follow(note, id, measure) {
  const field = document.getElementById(id);
  const show = () => (note.textContent = note.dataset.words.replace("%s", measure(field.value)));
  field.addEventListener("input", show);
  show();
}
for (const note of document.querySelectorAll("[data-size-of]")) follow(note, note.dataset.sizeOf, size);
for (const note of document.querySelectorAll("[data-width-of]")) follow(note, note.dataset.widthOf, width);

// A date or a time means "at a chosen time".
const chosen = document.querySelector('input[name="timing"][value="at"]');
for (const name of ["date", "time"]) {
  document.querySelector(`input[name="${name}"]`)?.addEventListener("input", () => (chosen.checked = true));
}
