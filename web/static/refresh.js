// Fresh parts: when the stream tells of an entry, the page is fetched again and the parts named by data-live are
// put in place of the old ones. The server's templates stay the only ones; a part in which somebody types waits.
import { Live } from "./live.js";
import { t } from "./words.js";

const PAUSE_MS = 300;
const SHARE = 4; // and four times as long as the last one took: a long list in a storm is not fetched without a pause
const HEARTBEAT_S = 5;

let waiting = false;
let took = 0;

export function refresh(clock, after) {
  const { stream, after: position, live, every } = document.body.dataset;
  const parts = (live ?? "").split(" ").filter(Boolean);
  if (every) setInterval(fetchParts, 1000 * every);
  document.documentElement.dataset.follows = every ?? "";
  if (!stream) return;
  const source = new Live(stream, position, HEARTBEAT_S, (kind, data) => {
    if (data.at && kind === "heartbeat") clock.hear(data.at);
    if (kind === "heartbeat") document.getElementById("refusing").hidden = !data.refusing;
    if (kind === "entry") announce(data);
    if ((kind === "entry" || kind === "snapshot") && !waiting) {
      waiting = true;
      setTimeout(fetchParts, Math.max(PAUSE_MS, SHARE * took));
    }
  });
  setInterval(() => (document.getElementById("link").hidden = !source.stale), 1000);
  if ("pause" in document.body.dataset) document.addEventListener("visibilitychange", rest);

  // A browser gives one site six connections: a page that nobody sees gives its own back, and catches up later.
  function rest() {
    if (document.hidden) return source.pause();
    source.resume();
    fetchParts();
  }

  async function fetchParts() {
    waiting = false;
    const began = performance.now();
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const selector of parts) swap(document.querySelector(selector), fresh.querySelector(selector));
    took = performance.now() - began;
    after();
  }
}

// For those who do not see the page: one short line for each entry.
function announce(entry) {
  document.getElementById("news").textContent = `${entry.row?.code ?? ""} ${t(`entry.${entry.kind}`)}`;
}

function swap(old, fresh) {
  if (!old || !fresh || old.isEqualNode(fresh) || busy(old)) return;
  const open = [...old.querySelectorAll("details[open]")].map((one) => one.id || one.firstElementChild.textContent);
  const known = new Set([...old.querySelectorAll("[id]")].map((one) => one.id));
  old.replaceWith(fresh);
  for (const one of fresh.querySelectorAll("details")) one.open ||= open.includes(one.id || one.firstElementChild.textContent);
  for (const one of fresh.querySelectorAll("li[id]")) if (!known.has(one.id)) one.classList.add("changed");
  if (fresh.matches(".screen")) fresh.scrollTop = fresh.scrollHeight;
}

// Somebody is typing here: a field has the cursor or holds what was not sent yet.
function busy(part) {
  if (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return true;
  return [...part.querySelectorAll("textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox])")].some((one) => one.value !== one.defaultValue);
}
