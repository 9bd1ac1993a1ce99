// Distance, panel and theme: from the address, else as kept on this machine, else asked once.
import { letters } from "./wall_layout.js";
import { t } from "./words.js";

const KEPT = "wall.screen";
const DEFAULT = { distance: 5, panel: 55, px: 1080, theme: "" };
const HANDHELD = 720;

export class Settings {
  constructor(form, changed) {
    const kept = JSON.parse(localStorage.getItem(KEPT) || "null");
    const asked = fromAddress();
    this.form = form;
    this.changed = changed;
    this.value = { ...DEFAULT, ...kept, ...asked };
    form.addEventListener("submit", (event) => this.apply(event));
    form.addEventListener("input", () => this.measure(this.read()));
    for (const [name, value] of Object.entries(this.value)) form.elements[name].value = value;
    form.hidden = Boolean(kept || "distance" in asked) || innerWidth < HANDHELD;
    this.measure(this.value);
  }

  get letters() {
    if (innerWidth < HANDHELD) return { far: 20, near: 15 };
    return this.sizes(this.value);
  }

  sizes(value) {
    return letters({ ...value, dpr: devicePixelRatio, upright: innerHeight > innerWidth });
  }

  read() {
    const data = Object.fromEntries(new FormData(this.form));
    return { distance: Number(data.distance), panel: Number(data.panel), px: Number(data.px), theme: data.theme };
  }

  measure(value) {
    const { far, mm } = this.sizes(value);
    this.form.querySelector("output").textContent = t("wall.size", { mm: mm.toFixed(0), px: far.toFixed(0) });
  }

  apply(event) {
    event.preventDefault();
    this.keep(this.read());
    this.form.hidden = true;
  }

  keep(value) {
    this.value = value;
    localStorage.setItem(KEPT, JSON.stringify(value));
    const url = new URL(location.href);
    for (const [name, setting] of Object.entries(value)) {
      if (setting === "") url.searchParams.delete(name);
      else url.searchParams.set(name, setting);
    }
    history.replaceState(null, "", url);
    this.changed();
  }

  turn(dark) {
    this.form.elements.theme.value = dark ? "dark" : "light";
    this.keep({ ...this.value, theme: dark ? "dark" : "light" });
  }
}

function fromAddress() {
  const query = new URLSearchParams(location.search);
  const found = {};
  for (const name of ["distance", "panel", "px"]) {
    const value = Number(query.get(name));
    if (value > 0) found[name] = value;
  }
  if (["light", "dark"].includes(query.get("theme"))) found.theme = query.get("theme");
  return found;
}
