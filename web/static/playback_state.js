// The state of a moment, written into the page as the server said it.
import { hours, left } from "./clock.js";
import { t } from "./words.js";

const byId = (id) => document.getElementById(id);
const NUMERALS = { critical: "I", high: "II", medium: "III", low: "IV" };
const zone = document.documentElement.dataset.zone;
let counted = null; // the second that the countdowns show

export function stand(state, moment, anew) {
  if (!state) return;
  if (anew) facts(state);
  const second = Math.floor(moment / 1000);
  if (anew || second !== counted) times(state, moment);
  counted = second;
}

function facts(state) {
  const level = byId("s-level");
  level.hidden = !state.level; // it was not graded yet
  level.className = `level is-${state.level}`;
  level.querySelector("b").textContent = NUMERALS[state.level] ?? "";
  level.querySelector("span").textContent = t(`level.${state.level}`);
  byId("s-phase").textContent = t(`phase.${state.phase}`);
  const nobody = byId("s-nobody");
  nobody.hidden = !state.ringing;
  nobody.className = `tag-nobody is-${state.level}`;
  nobody.textContent = t(state.unreachable ? "wall.unreachable" : "wall.nobody");
  byId("s-paused").hidden = !state.paused;
  const offered = state.offered_to && t("fact.offered_to", { name: state.offered_to.name });
  list("s-commander", [state.commander?.name ?? t("playback.nobody"), offered]);
  const ringing = state.ringing && t("playback.ringing", { n: state.rung, of: state.rungs });
  const round = state.ringing && state.round ? t("playback.round", { n: state.round + 1 }) : null;
  const asked = state.asked.map((one) => [one.name, t("playback.rung", { n: one.rung }), t(`playback.asked.${one.answer}`)].join(" · "));
  list("s-paged", [[ringing, round].filter(Boolean).join(" · "), ...asked], t("playback.nobody"));
  const running = state.steps_running.length && t("playback.running", { steps: state.steps_running.join(t("list.comma")) });
  list("s-steps", [state.steps_total && t("playback.done_of", { n: state.steps_done, of: state.steps_total }), running]);
  const back = state.restored_percent !== null && t("playback.back_percent", { n: state.restored_percent });
  const given = (state.updates || state.updates_missed) && t("playback.updates_of", { n: state.updates, missed: state.updates_missed });
  list("s-updates", [given, state.last_update, back]);
  list("s-posts", state.posts.map((one) => `${t(`post.${one.post}`)}: ${one.people.map((who) => who.name).join(t("list.comma")) || t("fact.unfilled")}`));
}

// What counts down, against the moment that is shown.
function times(state, moment) {
  list("s-due", state.due.slice(0, 3).map((one, n) => [one.text, left(Date.parse(one.at) - moment), n ? "quiet" : "strong"]));
  list("s-clocks", state.clocks.map((one) => clock(one, moment)));
}

function clock(one, moment) {
  const name = t(`clock.${one.name}`);
  const due = Date.parse(one.due);
  if (one.met_at) return [name, `${t(`verdict.${one.verdict}`)} ${hours(Date.parse(one.met_at), zone)}`, one.verdict === "met" ? "live" : "red"];
  if (one.verdict === "lapsed") return [name, t("verdict.lapsed"), "quiet"];
  if (one.verdict === "breached") return [name, t("verdict.breached"), "red"];
  return [name, left(due - moment), ""];
}

// Rows of text, or of name, value and the look of it; what is empty is left out.
function list(id, rows, none = t("playback.nothing")) {
  const shown = rows.filter(Boolean);
  const items = (shown.length ? shown : [none]).map((row) => {
    const item = document.createElement("li");
    if (typeof row === "string") item.textContent = row;
    else item.append(row[0], " · ", Object.assign(document.createElement("span"), { textContent: row[1], className: `figure nowrap ${row[2]}` }));
    return item;
  });
  const whole = document.createElement("ul");
  whole.append(...items);
  byId(id).replaceChildren(whole);
}
