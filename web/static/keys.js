// Keys: an element says which one is its own (data-key) and what it does (data-key-says). `?` shows them all.

const field = (element) => element.closest("input, textarea, select, [contenteditable]");
const pressed = (element) => element.closest("button, a, summary"); // the space bar is theirs while they have the focus

export function keys() {
  const dialog = document.getElementById("keys");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && field(event.target)) return event.target.blur();
    if (field(event.target) || dialog?.open) return;
    if (event.key === " " && pressed(event.target)) return;
    if (event.key === "?") return show(dialog, event);
    const element = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key && one.checkVisibility());
    if (element) press(element, event);
  });
  document.documentElement.dataset.keys = "heard"; // a key pressed sooner is heard by nobody
}

function press(element, event) {
  event.preventDefault();
  const target = element.dataset.keyTo ? document.querySelector(element.dataset.keyTo) : element;
  if (target.matches("input, textarea, select")) target.focus();
  else target.click();
  if (target.tagName === "SUMMARY" && target.parentElement.open) target.parentElement.querySelector("textarea, input:not([type=hidden]), select")?.focus();
}

function show(dialog, event) {
  event.preventDefault();
  const list = dialog.querySelector("dl");
  list.replaceChildren();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (!element.dataset.key || !element.checkVisibility()) continue;
    const key = document.createElement("kbd");
    key.textContent = element.dataset.keyShown ?? element.dataset.key;
    const term = document.createElement("dt");
    const says = document.createElement("dd");
    term.append(key);
    says.textContent = element.dataset.keySays;
    list.append(term, says);
  }
  dialog.showModal();
}
