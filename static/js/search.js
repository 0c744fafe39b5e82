// Ctrl+K (Cmd+K): the search dialog. Links with data-search open it; without JavaScript they are links.
const dialog = document.getElementById("search-dialog");

function open() {
  if (!dialog.open) dialog.showModal();
  const input = dialog.querySelector("input");
  input.focus();
  input.select();
}

// The input is one stop, every hit another; arrows go round, typing goes back to the input.
function move(step) {
  const stops = [dialog.querySelector("input"), ...dialog.querySelectorAll(".search-hit")];
  const now = stops.indexOf(document.activeElement);
  stops[(now + step + stops.length) % stops.length].focus();
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-search]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    open();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // arrows and Enter belong to the Japanese input
    const input = dialog.querySelector("input");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === input) {
      const first = dialog.querySelector(".search-hit");
      if (!first) return;
      event.preventDefault();
      first.click();
    } else if (event.key.length === 1 && event.target !== input && !event.ctrlKey && !event.metaKey) {
      input.focus();
    }
  });
}
