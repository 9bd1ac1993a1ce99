// The phone page: time that counts, and an answer that is not lost when there is no network.
// An answer counts only when the server has said so: until then the page says that it keeps trying.
import { ago, left, pageClock } from "./clock.js";

const AGAIN_MS = 3000;
const clock = pageClock();
let sending = 0;

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
      sending += 1;
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
  put(new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main"));
  sending -= 1;
  scrollTo(0, 0);
}

function put(main) {
  document.querySelector("main").replaceWith(main);
  attach();
  count();
}

// The page follows by itself: somebody else may take it, or it may end, while this page lies open. Whoever writes, opens
// a part or waits for their answer to get through is not disturbed; without network the page stays as it was.
let following = false;

async function follow() {
  if (following || document.hidden || busy()) return;
  following = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(15000) });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (answer.ok && !busy() && what(fresh) !== what(document.querySelector("main"))) put(fresh);
  } catch {
    // asked again at the next turn
  }
  following = false;
}

// What a page says, without the time that goes by.
function what(main) {
  const copy = main.cloneNode(true);
  for (const element of copy.querySelectorAll("[data-due], [data-ago]")) element.replaceWith(element.dataset.due ?? "");
  return copy.innerHTML;
}

function busy() {
  const written = [...document.querySelectorAll("textarea, select")].some((one) => one.value !== "" || one === document.activeElement);
  return sending > 0 || written || document.querySelector("details[open]") !== null;
}

attach();
count();
setInterval(count, 1000);
if (document.body.dataset.follow) {
  setInterval(follow, 1000 * document.body.dataset.follow);
  document.addEventListener("visibilitychange", follow);
}
// An evaluator's page follows by itself; the page of somebody who is paged does not carry what it takes.
if (document.body.dataset.every) {
  import("./once.js");
  import("./keep.js");
  import("./refresh.js").then(({ refresh }) => refresh(clock, count));
}
