// The server's time on a browser whose own clock may be wrong, and times as people read them (twin of web/say.py).
import { t } from "./words.js";

const SLACK_MS = 2000;

export class ServerClock {
  // `rate` is how many seconds pass at the server while one passes here: 1, or more in a demo.
  constructor(iso, rate = 1) {
    this.rate = rate;
    this.set(iso);
  }

  set(iso) {
    this.base = Date.parse(iso);
    this.at = performance.now();
  }

  // A heartbeat arrives late, never early: keep the estimate that is furthest on, unless two in a row are so far
  // behind it that the server's clock was moved. The first one of a connection may be as old as they are apart.
  hear(iso) {
    const ahead = this.now() - Date.parse(iso);
    const doubted = this.doubted;
    this.doubted = ahead > SLACK_MS * this.rate;
    if (ahead < 0 || (this.doubted && doubted)) this.set(iso);
  }

  now() {
    return this.base + (performance.now() - this.at) * this.rate;
  }
}

export function pageClock() {
  const { now, rate } = document.documentElement.dataset;
  return new ServerClock(now, Number(rate || 1));
}

const unit = (name, n) => t(`time.${name}`, { n });
const join = (a, b) => (b ? t("time.and", { a, b }) : a);

export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return unit("s", s);
  if (s < 3600) return join(unit("min", Math.floor(s / 60)), s < 600 && s % 60 ? unit("s", s % 60) : "");
  const minutes = Math.floor((s % 3600) / 60);
  if (s < 86400) return join(unit("h", Math.floor(s / 3600)), minutes ? unit("min", minutes) : "");
  const hours = Math.floor((s % 86400) / 3600);
  return join(unit("d", Math.floor(s / 86400)), hours ? unit("h", hours) : "");
}

export const ago = (ms) => (ms < 1000 ? t("time.now") : t("time.ago", { span: span(ms) }));

export const left = (ms) => t(ms >= 0 ? "time.left" : "time.missed", { span: span(Math.abs(ms)) });

const two = (n) => String(n).padStart(2, "0");

// A countdown in figures: 4:12, 1:04:12; past it −0:30; from ten hours on the hours, then the days.
export function until(ms) {
  const s = Math.trunc(Math.abs(ms) / 1000);
  const sign = ms <= -1000 ? "−" : "";
  if (s >= 172800) return sign + unit("d", Math.floor(s / 86400));
  if (s >= 36000) return sign + unit("h", Math.floor(s / 3600));
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return sign + (h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`);
}

export function hours(ms, zone, seconds = true) {
  const options = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (seconds) options.second = "2-digit";
  return new Intl.DateTimeFormat("en-GB", options).format(ms);
}

// The day with its year, hours and minutes: 2026-11-27 03:48.
export function dated(ms, zone) {
  const options = { timeZone: zone, dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat("sv-SE", options).format(ms);
}
