// Fresh parts: when the stream tells of an entry, the page is fetched again and the parts named by data-live are
// put in place of the old ones. The server's templates stay the only ones; a part in which somebody types waits until
// they have left it. One fetch at a time, so that no older page comes after a newer one; one that fails is made again.
import { Live } from "./live.js";
import { t } from "./words.js";

const PAUSE_MS = 300;
const SHARE = 4; // and four times as long as the last one took: a long list in a storm is not fetched without a pause
const PAUSE_MOST_MS = 5000; // but one slow answer does not leave people before an old page
const GIVE_UP_MS = 15000;
const AGAIN_MS = 1000; // then two, four, at most thirty seconds
const AGAIN_MOST_MS = 30000;
const HEARTBEAT_S = 5;

const SETTLED = new Set([400, 401, 403, 404, 410]); // asking again changes nothing
const waitingParts = new Map(); // by selector: what comes in place when nobody types there any more

let timer = null;
let fetching = false;
let news = false;
let failed = 0;
let took = 0;
let gone = false;

export function refresh(clock, after) {
  const { stream, after: position, live, every } = document.body.dataset;
  const parts = (live ?? "").split(" ").filter(Boolean);
  if (every) setInterval(fetchParts, 1000 * every);
  document.documentElement.dataset.follows = every ?? "";
  if (parts.length) document.addEventListener("focusout", () => setTimeout(putWaiting));
  if (!stream) return;
  const source = new Live(stream, position, HEARTBEAT_S, (kind, data) => {
    if (data.at && kind === "heartbeat") clock.hear(data.at);
    if (kind === "heartbeat") document.getElementById("refusing").hidden = !data.refusing;
    if (kind === "heartbeat" && data.audit) document.getElementById("held").hidden = !data.audit.held;
    if (kind === "entry") announce(data);
    if (kind === "entry" || kind === "snapshot") soon(Math.min(PAUSE_MOST_MS, Math.max(PAUSE_MS, SHARE * took)));
  });
  setInterval(() => {
    document.getElementById("link").hidden = !source.stale || source.signedOut;
    document.getElementById("signed-out").hidden = !source.stale || !source.signedOut;
  }, 1000);
  if ("pause" in document.body.dataset) document.addEventListener("visibilitychange", rest);

  // A browser gives one site six connections: a page that nobody sees gives its own back, and catches up later.
  function rest() {
    if (document.hidden) return source.pause();
    source.resume();
    fetchParts();
  }

  function soon(ms) {
    timer ??= setTimeout(fetchParts, ms);
  }

  async function fetchParts() {
    clearTimeout(timer);
    timer = null;
    if (gone) return;
    if (fetching) {
      news = true;
      return;
    }
    fetching = true;
    news = false;
    const began = performance.now();
    const status = await take().catch(() => 0);
    fetching = false;
    took = performance.now() - began;
    failed = status === 200 || SETTLED.has(status) ? 0 : failed + 1;
    if (failed) soon(Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** (failed - 1)));
    else if (news) soon(PAUSE_MS);
  }

  // The status of the answer; no network, or none in time, throws.
  async function take() {
    const limit = AbortSignal.timeout(GIVE_UP_MS);
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, signal: limit });
    if (answer.status === 404) close();
    if (!answer.ok) return answer.status;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const selector of parts) waitingParts.set(selector, fresh.querySelector(selector));
    putWaiting();
    return 200;
  }

  function putWaiting() {
    for (const [selector, fresh] of waitingParts) {
      const old = document.querySelector(selector);
      if (old && fresh && busy(old)) continue;
      waitingParts.delete(selector);
      if (old && fresh) swap(old, fresh);
    }
    after();
  }
}

// A page that is there no more says so where it has words for it, and asks no more: what it showed must not look live.
function close() {
  const last = document.getElementById("gone");
  if (!last) return;
  gone = true;
  document.getElementById("main").replaceChildren(last.content);
}

// For those who do not see the page: one short line for each entry.
function announce(entry) {
  document.getElementById("news").textContent = `${entry.row?.code ?? ""} ${t(`entry.${entry.kind}`)}`;
}

function swap(old, fresh) {
  if (old.isEqualNode(fresh)) return;
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
  if ([...part.querySelectorAll("[type=radio], [type=checkbox]")].some((one) => one.checked !== one.defaultChecked)) return true;
  return [...part.querySelectorAll("textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox])")].some((one) => one.value !== one.defaultValue);
}
