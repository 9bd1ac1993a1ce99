// The rows that the wall holds, and how many are open in all. The server gives the first of the line and every Critical;
// whatever else is open is counted, exactly, from what each snapshot and heartbeat say and from the entries after them.
import { LEVELS, order, over } from "./wall_view.js";

const MOST = 300; // twin of incident/store/lineup.py
const APART = ["test/", "practice/"]; // twin of incident/marks.py: what stands in no list
const ROOM = 900; // so many may be held until the last of the line are let go

export class Rows {
  constructor(board) {
    this.replace(board);
  }

  replace({ items, open, position }) {
    this.held = new Map(items.map((row) => [row.id, row]));
    this.line = null;
    this.tell(open, position);
  }

  // How many are open at each level, as it was at a position.
  tell(open, position) {
    if (!open || position < this.seen) return;
    Object.assign(this, { counts: { ...open }, seen: position });
  }

  // An entry: the row before it and after it, or nothing for an incident that is not held and says nothing of itself.
  take(entry) {
    if (APART.some((mark) => entry.drill?.startsWith(mark))) return null; // no emergency of anybody's
    const before = this.held.get(entry.incident);
    const row = entry.row ?? before;
    if (!row) return null;
    if (entry.position > this.seen) {
      this.count(before, row, entry);
      this.seen = entry.position;
    }
    if (over(row)) this.held.delete(row.id);
    else this.held.set(row.id, row);
    this.line = null;
    if (this.held.size > ROOM) this.trim();
    return { before, row };
  }

  // Of an incident that is not held nobody knows what it counted as: only its beginning and its end say so. Whatever
  // else happens to it is put right by the next heartbeat.
  count(before, row, { seq, kind }) {
    const ends = over(row);
    if (before ? ends || before.level !== row.level : ends && (kind === "closed" || kind === "merged")) {
      const level = (before ?? row).level;
      this.counts[level] = Math.max(0, this.counts[level] - 1);
    }
    if (!ends && (before ? before.level !== row.level : seq === 1 || kind === "reopened")) this.counts[row.level] += 1;
  }

  trim() {
    let critical = 0;
    const kept = this.inOrder.filter((row, place) => place < MOST || (row.level === "critical" && critical++ < MOST));
    this.held = new Map(kept.map((row) => [row.id, row]));
    this.line = null;
  }

  get inOrder() {
    return (this.line ??= order([...this.held.values()]));
  }

  get total() {
    return LEVELS.reduce((sum, level) => sum + this.counts[level], 0);
  }

  // So much was closed that the rest of the line is wanted, which only the server knows.
  get lacks() {
    return this.held.size < Math.min(this.total, MOST) / 2;
  }

  // How many of each level there are besides these.
  besides(shown) {
    const left = { ...this.counts };
    for (const row of shown) left[row.level] -= 1;
    return LEVELS.map((level) => [level, Math.max(0, left[level])]).filter(([, n]) => n > 0);
  }
}
