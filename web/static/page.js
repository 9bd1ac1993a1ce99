// What every page but the wall runs: times that count, keys, the switch of day and night, and fresh parts.
import { ago, dated, left, pageClock } from "./clock.js";
import { keys } from "./keys.js";
import "./once.js";
import { refresh } from "./refresh.js";

const root = document.documentElement;
export const clock = pageClock();

function count() {
  const now = clock.now();
  for (const element of document.querySelectorAll("[data-due]")) {
    const due = Date.parse(element.dataset.due);
    const since = Date.parse(element.dataset.since ?? "");
    const ms = due - now;
    const soon = ms >= 0 && (Number.isNaN(since) ? ms < 300000 : ms <= (due - since) / 4);
    element.classList.toggle("late", ms < 0);
    element.classList.toggle("soon", soon);
    set(element, left(ms));
  }
  for (const element of document.querySelectorAll("[data-ago]")) set(element, ago(now - Date.parse(element.dataset.ago)));
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
  });
}

// A link to a closed part opens it and puts the cursor into its first field.
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  if (target.matches("details, form")) target.querySelector("textarea, input:not([type=hidden]), select")?.focus();
}

// What was refused is shown where that is: at the field, else where the page says why, however far down that stands.
function openFault() {
  const wrong = document.querySelector("main [aria-invalid=true]");
  if (wrong) wrong.focus();
  else document.querySelector("main .say.bad[role=alert]")?.scrollIntoView({ block: "center" });
}

// A sheet of paper says when it was so: "4 min left" is true for a moment only.
addEventListener("beforeprint", () => {
  count();
  set(document.getElementById("printed"), dated(clock.now(), root.dataset.zone));
});
for (const screen of document.querySelectorAll(".screen")) screen.scrollTop = screen.scrollHeight;
addEventListener("hashchange", openTarget);
openTarget();
openFault();
count();
setInterval(count, clock.rate > 1 ? 200 : 1000);
keys();
refresh(clock, count);
