// Plays a log back: which entries are shown, where the line stands in the picture, and the state that the server had
// computed for that entry. Nothing of a state is worked out here; a countdown is a difference of two times.
import { hours, span } from "./clock.js";
import { Frames } from "./playback_frames.js";
import { stand } from "./playback_state.js";
import { t } from "./words.js";

const byId = (id) => document.getElementById(id);
const tape = byId("tape");
const lines = [...document.querySelectorAll("#words > li")].reverse(); // the oldest first, as the log has them
const times = lines.map((line) => Date.parse(line.dataset.at));
const places = lines.map((line) => Number(line.dataset.x));
const last = lines.length - 1;
const zone = document.documentElement.dataset.zone;
const speed = byId("speed");
const place = byId("place");
const picture = byId("picture");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const STEP_MS = 1000; // of one entry each second, and of each move where motion is not wanted
const LOST_MS = 1000; // a page that was out of sight goes on from where it stood

const frames = new Frames(tape.dataset.frames, lines.map((line) => Number(line.dataset.seq)), () => draw(true));
let index = 0;
let moment = times[0];
let playing = false;
let seen = 0; // when the page was last drawn, by performance.now()
let waited = 0;
let drawn = -1;

function tick(now) {
  if (!playing) return;
  waited += Math.min(now - seen, LOST_MS);
  seen = now;
  const byEntry = speed.value === "entry";
  if (waited >= (byEntry || still.matches ? STEP_MS : 0)) {
    if (byEntry) go(index + 1, { announced: true });
    else pass(waited * Number(speed.value));
    waited = 0;
  }
  if (index >= last) pause();
  else requestAnimationFrame(tick);
}

// So many milliseconds of the log go by.
function pass(ms) {
  moment = Math.min(moment + ms, times[last]);
  while (index < last && times[index + 1] <= moment) index += 1;
  draw();
}

function go(to, { announced = false } = {}) {
  index = Math.max(0, Math.min(last, to));
  moment = times[index];
  draw();
  if (announced) byId("news").textContent = lines[index].innerText;
}

function seek(to) {
  moment = Math.max(times[0], Math.min(times[last], to));
  index = times.findLastIndex((one) => one <= moment);
  draw();
}

function play() {
  if (index >= last) go(0);
  playing = true;
  waited = 0;
  seen = performance.now();
  label();
  requestAnimationFrame(tick);
}

function pause() {
  playing = false;
  label();
}

function label() {
  byId("play").textContent = t(playing ? "playback.pause" : "playback.play");
}

function draw(anew = false) {
  if (index !== drawn || anew) reveal();
  const x = placeAt(moment);
  set("cursor", { x1: `${x}%`, x2: `${x}%`, visibility: "visible" });
  set("veil", { x: `${x}%`, width: `${100 - x}%` });
  write("now-clock", hours(moment, zone));
  write("now-after", `+${span(moment - times[0])}`);
  stand(frames.at(index, playing), moment, anew || index !== drawn);
  byId("s-trouble").hidden = !frames.failed;
  drawn = index;
}

function reveal() {
  const [from, to] = drawn < 0 ? [0, last] : [Math.min(drawn, index), Math.max(drawn, index)];
  for (let n = from; n <= to; n += 1) lines[n].hidden = n > index;
  if (drawn >= 0) lines[drawn].classList.remove("current");
  lines[index].classList.add("current");
  const said = t("playback.at", { n: index + 1, of: lines.length });
  write("now-entry", said);
  write("now-said", lines[index].querySelector("p").textContent);
  place.value = index + 1;
  place.setAttribute("aria-valuetext", `${said}: ${lines[index].textContent.replace(/\s+/g, " ").trim()}`);
}

// Between two entries the picture is even, as the server drew it.
function placeAt(when) {
  if (index >= last || times[index + 1] === times[index]) return places[index];
  const share = (when - times[index]) / (times[index + 1] - times[index]);
  return places[index] + share * (places[index + 1] - places[index]);
}

function timeAt(x) {
  const n = Math.max(0, places.findLastIndex((one) => one <= x));
  if (n >= last || places[n + 1] <= places[n]) return times[n];
  return times[n] + (Math.max(0, x - places[n]) / (places[n + 1] - places[n])) * (times[n + 1] - times[n]);
}

function set(id, values) {
  for (const [name, value] of Object.entries(values)) byId(id).setAttribute(name, value);
}

function write(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function faster(by) {
  speed.selectedIndex = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + by));
  waited = 0;
}

const ACTS = {
  first: () => go(0, { announced: true }),
  back: () => go(moment > times[index] ? index : index - 1, { announced: true }),
  play: () => (playing ? pause() : play()),
  forward: () => go(index + 1, { announced: true }),
  last: () => go(last, { announced: true }),
  slower: () => faster(-1),
  faster: () => faster(1),
};

for (const button of document.querySelectorAll("[data-act]")) button.addEventListener("click", ACTS[button.dataset.act]);
place.addEventListener("input", () => go(Number(place.value) - 1));
for (const field of [place, speed]) {
  // Whoever used the mouse goes on with keys; whoever came here by keys stays.
  field.addEventListener("pointerdown", () => (field.dataset.pointed = "1"));
  field.addEventListener("change", () => {
    if (field.dataset.pointed) field.blur();
    delete field.dataset.pointed;
    waited = 0;
  });
}
function point(event) {
  const box = picture.getBoundingClientRect();
  seek(timeAt(((event.clientX - box.left) / box.width) * 100));
}
picture.addEventListener("click", point);
picture.addEventListener("pointermove", (event) => event.buttons === 1 && point(event));
byId("words").addEventListener("click", (event) => {
  const link = event.target.closest("a.when");
  if (!link) return;
  event.preventDefault();
  go(lines.indexOf(link.closest("li")));
});

function begin() {
  const wanted = lines.findIndex((line) => `#${line.id}` === location.hash);
  for (const id of ["controls", "standing"]) byId(id).hidden = false;
  tape.classList.add("seekable");
  go(Math.max(0, wanted));
  tape.dataset.ready = "yes";
}

addEventListener("hashchange", begin);
begin();
