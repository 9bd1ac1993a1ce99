// How large the letters must be and which rows fit. Pure.

const LATIN = 0.7; // height of a capital letter as a share of the font size
const HAN = 0.88; // the same for a Chinese character
const LINE = 1.12;
const PAD = 0.28;
const LINES = 2; // pixels of the line under a row, which never gets smaller
const GAP = 0.08; // between the lines of a row

// Distance in metres, diagonal in inches of a 16:9 panel, `px` its lines, `dpr` its device pixels for each CSS pixel.
// A panel that stands on its short side has the lines along its long one.
// A capital must be d/172 high, a Chinese character d/138.
export function letters({ distance, panel, px, dpr = 1, upright = false }) {
  const mmPerPx = (panel * 25.4 * (upright ? 16 : 9)) / Math.hypot(16, 9) / (px / dpr);
  const mm = distance * 1000;
  const far = Math.max(mm / 172 / LATIN, mm / 138 / HAN) / mmPerPx;
  return { far, near: (far * 172) / 215, mm: mm / 172 };
}

const CELL = 8; // letters that the narrowest cell takes
const SMALLEST = 0.25; // Past this share of the size nobody could read them: then the last Criticals are counted too.

// Which rows are shown and how: in full, or slim in one line. Rows come in order of urgency, and are `total` with those
// that are not held. A Critical is shown before anything else: where slim Criticals do not fit in one column they stand
// in two or three, as many as have room for sign, code and countdown, and then in smaller letters.
export function plan(rows, height, far, loud, total = rows.length, width = Infinity) {
  const near = (far * 172) / 215;
  const slim = far * (LINE + PAD) + LINES;
  const more = (row) => (near + (loud(row) ? far : 0)) * LINE + far * GAP * (loud(row) ? 2 : 1);
  const critical = (row) => row.level === "critical";
  const criticals = rows.filter(critical).length;
  const lines = Math.max(1, Math.floor(height / slim));
  const most = Math.max(1, Math.min(3, Math.floor(width / (CELL * far))));
  const columns = [1, 2, 3].slice(0, most).find((n) => criticals <= n * lines - (criticals < total ? n : 0)) ?? most;
  const fits = total <= columns * lines;
  const places = fits ? columns * lines : columns * Math.max(1, lines - 1);
  let must = Math.min(criticals, Math.floor(places / SMALLEST));
  let others = places - must;
  const shown = rows.filter((row) => (critical(row) ? must-- > 0 : others-- > 0));
  const each = (fits ? height : height - slim) / Math.ceil(Math.max(1, shown.length) / columns);
  const scale = shown.length > places ? (each - LINES) / (slim - LINES) : 1;
  const full = columns === 1 ? widened(shown, (fits ? height : height - slim) - shown.length * slim, more) : new Set();
  return { columns, scale, shown, full };
}

// The first rows, as many as the spare height allows, keep their second line.
function widened(rows, spare, more) {
  const full = new Set();
  for (const row of rows) {
    spare -= more(row);
    if (spare < 0) break;
    full.add(row.id);
  }
  return full;
}
