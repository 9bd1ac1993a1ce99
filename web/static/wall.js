// The wall: rows from the stream, sizes from the distance, and no calm picture when the data are old.
import { hours, pageClock, span } from "./clock.js";
import { Live } from "./live.js";
import { plan } from "./wall_layout.js";
import { Settings } from "./wall_settings.js";
import { Sound } from "./wall_sound.js";
import { LEVELS, open, order, over, view } from "./wall_view.js";
import { t } from "./words.js";

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const { zone, heartbeat, stream, facts } = root.dataset;
const clock = pageClock();
const board = JSON.parse($("board").textContent);
const incidents = new Map(board.items.map((row) => [row.id, row]));
const ticker = [];
const NIGHT_FROM = 19;
const NIGHT_TO = 7;
const PATIENCE_S = 30;
const TURN_MS = 5000;
const TIGHT = 24; // letters a line, by the size of a letter
let beat = {};
let dirty = true;

const sound = new Sound($("sound"));
const settings = new Settings($("strip"), () => resize());
const loud = (row) => row && row.level === "critical" && open(row);

const live = new Live(stream, board.position, Number(heartbeat), (kind, data) => {
  if (data.at) clock.hear(data.at);
  if (kind === "snapshot") replace(data.items);
  else if (kind === "entry") take(data);
  else if (kind === "heartbeat") beat = data;
});

function replace(items) {
  const before = new Map(incidents);
  incidents.clear();
  for (const row of items) incidents.set(row.id, row);
  for (const row of items) announce(before.get(row.id), row);
  dirty = true;
}

function take(entry) {
  const before = incidents.get(entry.incident);
  const row = entry.row ?? before;
  if (!row) return;
  announce(before, row);
  if (over(row)) incidents.delete(row.id);
  else incidents.set(row.id, row);
  ticker.unshift({ at: Date.parse(entry.at), code: row.code, kind: entry.kind });
  ticker.length = Math.min(ticker.length, 4);
  dirty = true;
}

function announce(before, row) {
  if (!loud(row) || loud(before)) return;
  sound.ring();
  $("spoken").textContent = `${t("level.critical")} ${row.code} ${row.title} ${t("wall.nobody")}`;
}

function resize() {
  const { far, near } = settings.letters;
  document.body.style.setProperty("--far", `${far}px`);
  document.body.style.setProperty("--near", `${near}px`);
  document.body.classList.toggle("is-tight", innerWidth >= 720 && innerWidth / far < TIGHT);
  dirty = true;
}

function draw() {
  const now = clock.now();
  const rows = order([...incidents.values()].filter((row) => !over(row)));
  header(now, rows);
  if (dirty) lay(rows);
  for (const element of $("rows").children) fill(element, view(incidents.get(element.dataset.id), now, root.lang));
  $("quiet").hidden = rows.length > 0;
  $("rows").hidden = rows.length === 0;
  $("oncall").hidden = rows.length === 0;
  foot();
  dirty = false;
}

function header(now, rows) {
  say($("clock"), hours(now, zone));
  say($("age"), t("wall.data", { span: span(live.silence()) }));
  for (const item of $("counts").children) {
    const n = rows.filter((row) => row.level === item.dataset.level).length;
    say(item.querySelector("b"), String(n));
    item.classList.toggle("none", n === 0);
  }
  const blind = beat.blind_s ?? 0;
  const silent = Math.max(live.silence(), blind * 1000);
  const stale = live.stale || blind > 2 * heartbeat;
  document.body.classList.toggle("is-stale", stale);
  document.body.classList.toggle("is-drill", rows.some((row) => row.drill));
  if ($("stale").hidden === stale) dirty = true;
  $("stale").hidden = !stale;
  if (stale) {
    const heard = hours(now - silent * clock.rate, zone);
    say($("stale").querySelector("b"), t("wall.stale", { span: span(silent), at: heard }));
  }
  pager();
  const dark = settings.value.theme ? settings.value.theme === "dark" : night(now);
  root.dataset.theme = dark ? "dark" : "light";
}

// The pager itself in trouble: waiting pages or late escalations are worse news than any row.
function pager() {
  const unsent = beat.oldest_unsent_s ?? 0;
  const lag = (beat.watch_lag_ms ?? 0) / 1000;
  const text = unsent > PATIENCE_S ? t("wall.unsent", { span: span(unsent * 1000) }) : lag > PATIENCE_S ? t("wall.lag", { span: span(lag * 1000) }) : "";
  say($("alarm"), text);
  if ($("alarm").hidden === Boolean(text)) dirty = true;
  $("alarm").hidden = !text;
}

function night(now) {
  const hour = Number(hours(now, zone).slice(0, 2));
  return hour >= NIGHT_FROM || hour < NIGHT_TO;
}

// Put the rows that fit in place; elements are kept by incident, so that only what changed moves.
function lay(rows) {
  const list = $("rows");
  const { far } = settings.letters;
  const handheld = getComputedStyle(document.body).overflow === "visible";
  const room = handheld ? Infinity : list.parentElement.clientHeight;
  const layout = plan(rows, room, far, loud);
  list.classList.toggle("cells", layout.columns > 1);
  const name = document.querySelector(".w-name");
  name.classList.toggle("cut", name.scrollWidth > name.clientWidth);
  list.style.gridTemplateColumns = `repeat(${layout.columns}, minmax(0, 1fr))`;
  list.style.setProperty("--far", `${far * layout.scale}px`);
  list.style.setProperty("--code", 0.62 * Math.max(2, ...layout.shown.map((row) => row.code.length)) + 0.15);
  list.style.fontSize = `${far * layout.scale}px`;
  const old = new Map([...list.children].map((element) => [element.dataset.id, element]));
  list.replaceChildren(
    ...layout.shown.map((row) => {
      const element = old.get(row.id) ?? $("row").content.firstElementChild.cloneNode(true);
      element.dataset.id = row.id;
      element.dataset.slim = layout.full.has(row.id) ? "" : "slim";
      return element;
    }),
  );
  more(layout.rest);
}

function more(rest) {
  $("rest").hidden = rest.length === 0;
  const tags = LEVELS.flatMap((level) => {
    const n = rest.filter((row) => row.level === level).length;
    if (!n) return [];
    const tag = document.createElement("span");
    tag.className = `level is-${level}`;
    tag.innerHTML = '<i class="shape"></i><b></b>';
    tag.querySelector("b").textContent = n;
    tag.append(t(`level.${level}`));
    return [tag];
  });
  const lead = document.createElement("b");
  lead.textContent = t("wall.rest", { n: rest.length });
  $("rest").replaceChildren(lead, ...tags);
}

function fill(element, seen) {
  const classes = [...seen.classes, element.dataset.slim].filter(Boolean).join(" ");
  if (element.className !== classes) element.className = classes;
  for (const field of element.querySelectorAll("[data-f]")) {
    const name = field.dataset.f;
    if (name === "drill") field.hidden = !seen.drill;
    else if (name === "bar") bar(field, seen.share);
    else say(field, name === "state" ? (element.dataset.slim ? seen.brief : seen.says) : seen[name]);
  }
}

function bar(element, share) {
  element.hidden = share === null;
  if (share !== null && element.value !== share) element.value = share;
}

function foot() {
  if (!dirty || !ticker.length) return;
  $("ticker").replaceChildren(
    ...ticker.map(({ at, code, kind }) => {
      const line = document.createElement("span");
      const name = document.createElement("b");
      name.textContent = code;
      line.append(`${hours(at, zone, false)} `, name, ` ${t(`entry.${kind}`)}`);
      return line;
    }),
  );
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Who is on call and how the pager is: asked now and then, because a shift ends without an entry.
async function refresh() {
  const answer = await fetch(facts).catch(() => null);
  if (!answer?.ok) return;
  const news = await answer.json();
  const duties = () =>
    news.on_call.map(({ unit, names }) => {
      const item = document.createElement("span");
      const who = document.createElement("b");
      who.textContent = names;
      item.append(who, ` ${unit}`);
      return item;
    });
  $("q-oncall").replaceChildren(...duties());
  $("oncall").replaceChildren($("oncall").firstElementChild, ...duties());
  say($("q-critical"), news.critical);
  say($("q-pager"), news.pager);
}

// More people on call than fit in the line: the first one goes to the end, so that each is seen in turn.
function turn() {
  const line = $("oncall");
  if (line.scrollWidth > line.clientWidth) line.append(line.children[1]);
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "s") $("strip").hidden = !$("strip").hidden;
  if (event.key === "t") settings.turn(root.dataset.theme !== "dark");
  if (event.key === "m") sound.enable();
});
addEventListener("resize", resize);
resize();
draw();
setInterval(draw, clock.rate > 1 ? 100 : 250);
setInterval(turn, TURN_MS);
setInterval(refresh, 60000 / clock.rate + 5000);
