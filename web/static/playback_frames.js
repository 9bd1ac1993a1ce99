// The states of a log as the server computed them, fetched a page at a time, as they are needed.
const PAGE = 100;
const AHEAD = 30; // entries before the end of a page at which the next one is fetched
const AGAIN_MS = 2000;

export class Frames {
  // `seqs` are the sequence numbers of all entries, in order; `came` is called when more is there.
  constructor(address, seqs, came) {
    this.address = address;
    this.seqs = seqs;
    this.came = came;
    this.pages = new Map();
    this.asked = new Set();
    this.failed = false;
  }

  // The state right after an entry; undefined while it is on its way.
  at(index, playing) {
    const page = Math.floor(index / PAGE);
    this.ask(page);
    if (playing && index + AHEAD >= (page + 1) * PAGE) this.ask(page + 1);
    return this.pages.get(page)?.[index % PAGE];
  }

  ask(page) {
    if (this.asked.has(page) || page * PAGE >= this.seqs.length) return;
    this.asked.add(page);
    this.fetch(page).then(
      () => (this.failed = false),
      () => {
        this.failed = true;
        setTimeout(() => this.asked.delete(page) && this.came(), AGAIN_MS);
      },
    ).finally(this.came);
  }

  async fetch(page) {
    const after = page ? this.seqs[page * PAGE - 1] : 0;
    const asked = new URLSearchParams({ after, limit: PAGE, lang: document.documentElement.lang });
    const answer = await fetch(`${this.address}?${asked}`, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    this.pages.set(page, (await answer.json()).items.map((frame) => frame.standing));
  }
}
