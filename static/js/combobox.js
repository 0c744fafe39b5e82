// Suggestions under a text field (WAI-ARIA combobox with a list): type to narrow, arrows to move,
// Enter or a click to take, Escape to close. Without this file the field is a plain text field.
for (const box of document.querySelectorAll("[data-combobox]")) {
  const input = box.querySelector("[role=combobox]");
  const list = box.querySelector("[role=listbox]");
  const options = [...list.querySelectorAll("[role=option]")];
  const plain = (text) => text.normalize("NFKC").toLowerCase();

  const shown = () => options.filter((option) => !option.hidden);
  function mark(option) {
    for (const each of options) each.setAttribute("aria-selected", each === option);
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }
  function open(wanted) {
    const some = wanted && shown().length > 0;
    list.hidden = !some;
    input.setAttribute("aria-expanded", some);
    if (!some) mark(null);
  }
  function narrow() {
    const typed = plain(input.value);
    for (const option of options) option.hidden = !plain(option.dataset.value).includes(typed);
    mark(null);
    open(true);
  }
  function take(option) {
    input.value = option.dataset.value;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    open(false);
  }
  function move(step) {
    if (list.hidden) narrow();
    const visible = shown();
    if (!visible.length) return;
    const now = visible.findIndex((option) => option.getAttribute("aria-selected") === "true");
    mark(visible[(now + step + visible.length) % visible.length]);
  }

  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    const chosen = options.find((option) => option.getAttribute("aria-selected") === "true");
    if (event.isComposing) return; // Enter ends a Japanese conversion, it does not take a suggestion
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : chosen ? -1 : 0);
    } else if (event.key === "Enter" && chosen && !list.hidden) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape") open(false);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  input.addEventListener("blur", () => open(false));
}
