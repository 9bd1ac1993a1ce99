// What the wall says of a flood of alarms. Pure; twin of `flood_line` in web/load.py.
import { inLanguage, t } from "./words.js";

const named = (unit, lang) => `${inLanguage(unit.name, lang)} ${unit.n}`;

// One line with its sign, empty while there is none.
export function flooded(load, lang) {
  if (!load) return "";
  const parts = load.flood ? [t("wall.flood", { n: load.n }), ...load.units.map((unit) => named(unit, lang)), t("wall.flood.bundled")] : [];
  if (load.sources.length) parts.push(t("wall.chatter", { codes: load.sources.map(([code, n]) => `${code} ×${n}`).join(t("wall.list")) }));
  return parts.join(" · ");
}

// What is read out: that it begins, that it ends, and nothing of what changes every few seconds.
export function news(before, now, lang) {
  if (now?.flood && !before?.flood) return flooded({ ...now, sources: [] }, lang);
  return before?.flood && !now?.flood ? t("wall.flood.over") : "";
}
