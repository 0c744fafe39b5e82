// Small behaviours of the shell and the components. Everything else (popover, details, radio) is the
// browser's own. Works under a strict CSP: no inline code, no eval.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, selector, react) =>
  document.addEventListener(type, (event) => {
    const target = event.target.closest?.(selector);
    if (target) react(target, event);
  });
const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

// Buttons that are not ready keep the focus but do nothing; capture, so that nothing else sees it.
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest?.('[aria-disabled="true"]')) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  true,
);

// htmx: the CSRF token goes with every request (attributes are not inherited by our configuration).
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrf();
});

// Colours: change at once, then tell the server; without JavaScript the form reloads the page.
on("submit", "form[data-theme-form]", (form, event) => {
  event.preventDefault();
  const theme = event.submitter.value;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of $$("button", form)) button.setAttribute("aria-pressed", button === event.submitter);
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual" });
});

// Dialogs: data-opens="id" opens, data-closes closes, a click on the backdrop closes too.
on("click", "[data-opens]", (button) => document.getElementById(button.dataset.opens).showModal());
on("click", "[data-closes]", (button) => button.closest("dialog").close());
on("click", "dialog", (dialog, event) => event.target === dialog && dialog.close());
$$("dialog[data-open]").forEach((dialog) => dialog.showModal());

// An error summary takes the focus when it is shown.
const focusSummary = (root) => root.querySelector?.("[data-focus]")?.focus();
focusSummary(document);
document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));

// Type the number to confirm; full-width digits and separators are fine.
on("input", "[data-confirm]", (input) => {
  const typed = input.value.normalize("NFKC").replace(/[,\s]/g, "");
  const button = document.getElementById(input.dataset.button);
  if (typed === input.dataset.confirm) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
});
on("keydown", "[data-confirm]", (input, event) => {
  const button = document.getElementById(input.dataset.button);
  if (event.key === "Enter" && button.getAttribute("aria-disabled")) event.preventDefault();
});

// Copy a value
on("click", "[data-copy]", async (button) => {
  const code = button.closest(".copy").querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    say(button.dataset.copy);
  } catch {
    getSelection().selectAllChildren(code);
  }
});

// Toasts: errors stay until closed, the others go after eight seconds unless someone is on them.
function say(text) {
  const box = document.querySelector("[data-toasts]");
  const toast = document.createElement("div");
  toast.className = "toast";
  const mark = Object.assign(document.createElement("span"), { textContent: "✓", ariaHidden: "true" });
  toast.append(mark, Object.assign(document.createElement("span"), { textContent: text }));
  box.append(toast);
  fade(toast);
}
function fade(toast) {
  if (toast.dataset.toast === "error" || toast.dataset.toast === "warning") return;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? fade(toast) : toast.remove()), 8000);
}
$$(".toast").forEach(fade);
on("click", "[data-dismiss]", (button) => button.closest(".toast").remove());

// Tabs inside a page: arrow keys move, the panel follows.
on("click", '[role="tab"]', (tab) => pick(tab));
on("keydown", '[role="tab"]', (tab, event) => {
  const all = $$('[role="tab"]', tab.closest('[role="tablist"]'));
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = all[(all.indexOf(tab) + step + all.length) % all.length];
  pick(next);
  next.focus();
});
function pick(tab) {
  for (const each of $$('[role="tab"]', tab.closest('[role="tablist"]'))) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", chosen);
    each.tabIndex = chosen ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !chosen;
  }
}

// Quick choices: data-fill-<id of a field>="value"
on("click", ".chip-choice[aria-pressed]", (chip) => {
  for (const each of $$(".chip-choice", chip.parentElement)) each.setAttribute("aria-pressed", each === chip);
  for (const { name, value } of chip.attributes) {
    if (!name.startsWith("data-fill-")) continue;
    const field = document.getElementById(name.slice("data-fill-".length));
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// The weekday beside a date
function weekday(row) {
  const value = row.querySelector('input[type="date"]').value;
  const day = value && new Date(`${value}T12:00`);
  const name = day && new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short" }).format(day);
  row.querySelector("[data-weekday]").textContent = name ? `(${name})` : "";
}
$$("[data-weekday-row]").forEach(weekday);
on("input", "[data-weekday-row]", weekday);

// Files: show the name, mark the area while something is dragged over it.
on("change", ".file-drop input", (input) => {
  const names = [...input.files].map((file) => file.name).join(", ");
  input.closest(".file-drop").querySelector("[data-file-name]").textContent = names;
});
on("dragenter", ".file-drop", (area) => area.classList.add("is-over"));
on("dragleave", ".file-drop", (area) => area.classList.remove("is-over"));
on("drop", ".file-drop", (area) => area.classList.remove("is-over"));

// Show or hide a password
on("click", "[data-reveals]", (button) => {
  const field = document.getElementById(button.dataset.reveals);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
});

// A select that acts at once still has its button without JavaScript.
$$("[data-submits-alone]").forEach((select) => {
  select.form.querySelector("[data-fallback]")?.setAttribute("hidden", "");
});
on("change", "[data-submits-alone]", (select) => select.form.requestSubmit());
on("click", "[data-reloads]", () => location.reload());
