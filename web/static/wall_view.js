// What the wall says about one board row at a moment, and in which order rows stand. Pure; twin of web/pages/wall_view.py.
import { span, until } from "./clock.js";
import { inLanguage, t } from "./words.js";

const NUMERAL = { critical: "I", high: "II", medium: "III", low: "IV" };
const WORDS_FROM_MS = 36_000_000;
const AFTER = ["verifying", "reviewing"];
export const LEVELS = Object.keys(NUMERAL);
export const over = (row) => row.phase === "closed" || row.phase === "merged";
export const held = (row) => Boolean(row.maintenance?.held);
export const open = (row) => !held(row) && !row.paused && (!row.commander || Boolean(row.expired)) && !AFTER.includes(row.phase) && !over(row);

// The moment that counts: for an incident that nobody has, its limit to answer; else what runs out first.
export function deadline(row) {
  const opened = Date.parse(row.opened_at);
  if (held(row)) return { what: "hold", at: Date.parse(row.maintenance.until), from: opened };
  if (row.expired && row.quiet) return { what: "quiet", at: Date.parse(row.quiet.until), from: Date.parse(row.quiet.since) };
  if (open(row) && row.answer_due) return { what: "answer", at: Date.parse(row.answer_due), from: opened };
  const update = row.update_due && { what: "update", at: Date.parse(row.update_owed_since ?? row.update_due), from: null };
  const clock = row.deadline && { what: "clock", name: row.deadline.name, at: Date.parse(row.deadline.at), from: opened };
  if (update && clock) return update.at <= clock.at ? update : clock;
  return update || clock || null;
}

export function order(rows) {
  const key = (row) => [open(row) && row.level === "critical" ? 0 : 1, row.drill ? 1 : 0, deadline(row)?.at ?? Infinity, LEVELS.indexOf(row.level), row.opened_at];
  const keys = new Map(rows.map((row) => [row, key(row)]));
  return [...rows].sort((a, b) => {
    const [ka, kb] = [keys.get(a), keys.get(b)];
    const i = ka.findIndex((value, n) => value !== kb[n]);
    return i < 0 ? 0 : ka[i] < kb[i] ? -1 : 1;
  });
}

export function view(row, now, lang) {
  const due = deadline(row);
  const left = due ? due.at - now : null;
  const share = due && due.from !== null && left >= 0 && left < WORDS_FROM_MS ? Math.min(1, left / (due.at - due.from)) : null;
  const late = due && left < 0;
  const warn = due && !late && (share === null ? left < 300000 : share <= 0.25);
  return {
    classes: ["w-row", `is-${row.level}`, open(row) ? "open" : "taken", late ? "late" : warn ? "warn" : "calm"],
    numeral: NUMERAL[row.level],
    word: t(`level.${row.level}`),
    code: row.code,
    drill: Boolean(row.drill),
    title: row.title,
    says: says(row),
    brief: brief(row, due, late),
    line: line(row, now, due, lang),
    count: due ? until(left) : "",
    note: due ? note(due, late) : "",
    share: share === null ? null : Math.round(share * 1000),
  };
}

function says(row) {
  if (row.paused) return t("wall.paused");
  if (held(row)) return t("wall.held", { name: row.maintenance.name });
  if (row.expired && open(row)) return t("wall.expired", { name: row.commander_name });
  if (open(row)) return t(row.unreachable ? "wall.unreachable" : "wall.nobody");
  if (!row.commander) return t("wall.solved");
  const key = AFTER.includes(row.phase) ? `wall.${row.phase}` : "wall.commander";
  return t(key, { name: row.commander_name });
}

// What there is room for in one line: that nobody has it, what was missed, or else the name of who has it.
function brief(row, due, late) {
  if (open(row) || row.paused || !row.commander) return says(row);
  return due && late ? note(due, late) : row.commander_name;
}

function line(row, now, due, lang) {
  const unit = row.unit_name ? inLanguage(row.unit_name, lang) : row.unit;
  const parts = open(row) ? ladder(row, now) : work(row, now, due, unit);
  return [...parts, open(row) ? unit : "", row.place].filter(Boolean).join(" · ");
}

function ladder(row, now) {
  const next = row.next_at && Date.parse(row.next_at) - now;
  return [
    row.paged.length ? t("wall.paged", { chain: chain(row.paged) }) : "",
    row.ringing ? t("wall.rung", { n: row.rung, of: row.rungs }) : "",
    row.ringing && next > 0 ? t("wall.next_rung", { span: until(next) }) : "",
  ];
}

function work(row, now, due, unit) {
  const update = row.update_due && due?.what !== "update" && Date.parse(row.update_due) - now;
  return [
    quiet(row, now), // what is worrying first: the line is cut at its end
    unit,
    row.steps_total ? t("wall.steps", { done: row.steps_done, total: row.steps_total }) : "",
    row.restored_percent === null ? "" : t("wall.restored", { percent: row.restored_percent }),
    update ? t("wall.next_update", { span: span(update) }) : "",
  ];
}

// How long nothing was heard of who has it, once half of the time is gone after which it pages again.
function quiet(row, now) {
  if (!row.quiet) return "";
  const since = now - Date.parse(row.quiet.since);
  return since < Date.parse(row.quiet.until) - now ? "" : t("wall.quiet_for", { span: span(since) });
}

// The last three people who were paged; a cross behind those who passed it on or could not be reached.
function chain(paged) {
  const names = paged.slice(-3).map((p) => (p.answer ? `${p.name} ✕` : p.name));
  return (paged.length > 3 ? ["…", ...names] : names).join(" → ");
}

function note(due, late) {
  const way = late ? "past" : "to";
  return due.what === "clock" ? t(`wall.${way}.clock`, { clock: t(`clock.${due.name}`) }) : t(`wall.${way}.${due.what}`);
}
