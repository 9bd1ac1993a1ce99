// The phone page: time that counts, and an answer that is not lost when there is no network.
// An answer counts only when the server has said so: until then the page says that it keeps trying.
import { ago, left, pageClock } from "./clock.js";

const AGAIN_MS = 3000;
const clock = pageClock();

function count() {
  const now = clock.now();
  for (const element of document.querySelectorAll("[data-due]")) {
    const due = Date.parse(element.dataset.due);
    const since = Date.parse(element.dataset.since ?? "");
    element.classList.toggle("late", now > due);
    element.classList.toggle("soon", now <= due && due - now <= (due - since) / 4);
    element.textContent = left(due - now);
  }
  for (const element of document.querySelectorAll("[data-ago]")) element.textContent = ago(now - Date.parse(element.dataset.ago));
}

function attach() {
  for (const form of document.querySelectorAll("form[data-answer]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      send(form, button, new URLSearchParams(new FormData(form)));
    });
  }
}

async function send(form, button, body) {
  let answer = null;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
  } catch {
    // no network: said below, tried again
  }
  if (answer && answer.status < 500) return show(answer);
  const offline = document.getElementById("offline");
  offline.hidden = false;
  offline.textContent = answer || navigator.onLine ? offline.dataset.failed : offline.dataset.waiting;
  setTimeout(() => send(form, button, body), AGAIN_MS);
}

// A command that was done leads to a fresh page; a refused one comes back as a page that says why.
async function show(answer) {
  if (answer.redirected) return location.replace(answer.url);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
  attach();
  count();
  scrollTo(0, 0);
}

attach();
count();
setInterval(count, 1000);
// An evaluator's page follows by itself; the page of somebody who is paged does not carry what it takes.
if (document.body.dataset.every) {
  import("./once.js");
  import("./refresh.js").then(({ refresh }) => refresh(clock, count));
}
