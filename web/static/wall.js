// The wall: rows from the stream, sizes from the distance, and no calm picture when the data are old.
import { hours, pageClock, span } from "./clock.js";
import { Live } from "./live.js";
import { cleared, trouble } from "./wall_audit.js";
import { plan } from "./wall_layout.js";
import { flooded, news } from "./wall_flood.js";
import { Settings } from "./wall_settings.js";
import { Sound } from "./wall_sound.js";
import { Rows } from "./wall_rows.js";
import { open, view } from "./wall_view.js";
import { t } from "./words.js";

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const { zone, heartbeat, stream, facts } = root.dataset;
const clock = pageClock();
const board = JSON.parse($("board").textContent);
const rows = new Rows(board);
const ticker = [];
const NIGHT_FROM = 19;
const NIGHT_TO = 7;
const PATIENCE_S = 30;
const TURN_MS = 5000;
const FRESH_MS = 10000;
const TIGHT = 24; // letters a line, by the size of a letter
let beat = { refusing: "refusing" in root.dataset, audit: board.audit, load: board.load };
let dirty = true;
let asked = 0;

const sound = new Sound($("sound"));
const settings = new Settings($("strip"), () => resize());
const loud = (row) => row && row.level === "critical" && open(row);

const live = new Live(stream, board.position, Number(heartbeat), (kind, data) => {
  if (kind === "snapshot") replace(data);
  else if (kind === "entry") take(data);
  else if (kind === "heartbeat") heed(data);
});

function replace(snapshot) {
  const before = rows.held;
  rows.replace(snapshot);
  for (const row of snapshot.items) announce(before.get(row.id), row);
  dirty = true;
}

function take(entry) {
  const news = rows.take(entry);
  if (!news) return;
  announce(news.before, news.row);
  ticker.unshift({ at: Date.parse(entry.at), code: news.row.code, kind: entry.kind });
  ticker.length = Math.min(ticker.length, 4);
  dirty = true;
}

function heed(heartbeat) {
  clock.hear(heartbeat.at);
  const told = news(beat.load, heartbeat.load, root.lang);
  if (told) $("flood-news").textContent = told;
  beat = heartbeat;
  rows.tell(heartbeat.open, heartbeat.position);
  dirty = true;
  if (!rows.lacks || performance.now() - asked < FRESH_MS) return;
  asked = performance.now();
  live.begin();
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
  header(now);
  if (dirty) lay();
  for (const element of $("rows").children) fill(element, view(rows.held.get(element.dataset.id), now, root.lang));
  $("quiet").hidden = rows.held.size > 0;
  $("rows").hidden = rows.held.size === 0;
  $("oncall").hidden = rows.held.size === 0;
  foot();
  dirty = false;
}

function header(now) {
  say($("clock"), hours(now, zone));
  say($("age"), t("wall.data", { span: span(live.silence()) }));
  for (const item of $("counts").children) {
    const n = rows.counts[item.dataset.level];
    say(item.querySelector("b"), String(n));
    item.classList.toggle("none", n === 0);
  }
  const blind = beat.blind_s ?? 0;
  const silent = Math.max(live.silence(), blind * 1000);
  const stale = live.stale || blind > 2 * heartbeat;
  document.body.classList.toggle("is-stale", stale);
  document.body.classList.toggle("is-drill", rows.inOrder.some((row) => row.drill));
  if ($("stale").hidden === stale) dirty = true;
  $("stale").hidden = !stale;
  $("stale-why").hidden = live.signedOut;
  $("signed-out").hidden = !live.signedOut;
  if (stale) {
    const heard = hours(now - silent * clock.rate, zone);
    say($("stale").querySelector("b"), t("wall.stale", { span: span(silent), at: heard }));
  }
  pager();
  const dark = settings.value.theme ? settings.value.theme === "dark" : night(now);
  root.dataset.theme = dark ? "dark" : "light";
}

// The pager itself in trouble: a store that takes nothing, waiting pages, late escalations or what the auditor found are
// worse news than any row. What is well again is said too, quietly, for some minutes.
function pager() {
  const unsent = beat.oldest_unsent_s ?? 0;
  const lag = (beat.watch_lag_ms ?? 0) / 1000;
  const late = unsent > PATIENCE_S ? t("wall.unsent", { span: span(unsent * 1000) }) : lag > PATIENCE_S ? t("wall.lag", { span: span(lag * 1000) }) : "";
  banner($("alarm"), beat.refusing ? t("wall.refusing") : trouble(beat.audit, zone) || late);
  banner($("flood"), flooded(beat.load, root.lang));
  banner($("well"), beat.refusing ? "" : cleared(beat.audit, zone));
}

function banner(element, text) {
  say(element, text);
  if (element.hidden === Boolean(text)) dirty = true;
  element.hidden = !text;
}

function night(now) {
  const hour = Number(hours(now, zone).slice(0, 2));
  return hour >= NIGHT_FROM || hour < NIGHT_TO;
}

// Put the rows that fit in place; elements are kept by incident, so that only what changed moves.
function lay() {
  const list = $("rows");
  const { far } = settings.letters;
  const handheld = getComputedStyle(document.body).overflow === "visible";
  const room = handheld ? Infinity : list.parentElement.clientHeight;
  const layout = plan(rows.inOrder, room, far, loud, rows.total, innerWidth);
  list.classList.toggle("cells", layout.columns > 1);
  const name = document.querySelector(".w-name");
  crowd($("head"));
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
  more(rows.besides(layout.shown));
}

// Where a line has no room for the words of its levels, their shapes and numbers must do.
function crowd(line, change = () => {}) {
  line.classList.remove("crowded");
  change();
  line.classList.toggle("crowded", line.scrollWidth > line.clientWidth);
}

function more(besides) {
  $("rest").hidden = besides.length === 0;
  const tags = besides.map(([level, n]) => {
    const tag = document.createElement("span");
    tag.className = `level is-${level}`;
    tag.innerHTML = '<i class="shape"></i><b></b><span></span>';
    tag.querySelector("b").textContent = n;
    tag.querySelector("span").textContent = t(`level.${level}`);
    return tag;
  });
  const lead = document.createElement("b");
  lead.textContent = t("wall.rest", { n: besides.reduce((sum, [, n]) => sum + n, 0) });
  crowd($("rest"), () => $("rest").replaceChildren(lead, ...tags));
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
  maintenance(news.maintenance);
  say($("q-critical"), news.critical);
  say($("q-drill"), news.drill);
  say($("q-pager"), news.pager);
}

// The windows that are open: a line while there are any, which takes its room from the rows.
function maintenance(open) {
  const line = $("maintenance");
  const said = open.map((text) => {
    const item = document.createElement("span");
    item.textContent = text;
    return item;
  });
  line.replaceChildren(line.firstElementChild, ...said);
  if (line.hidden === Boolean(said.length)) dirty = true;
  line.hidden = !said.length;
}

// More people on call than there is room for: the first one goes to the end, so that each is seen in turn.
function turn() {
  const [line, list] = [$("oncall"), $("q-oncall")];
  if (line.scrollWidth > line.clientWidth) line.append(line.children[1]);
  if (list.scrollWidth > list.clientWidth + 1) list.append(list.firstElementChild);
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
