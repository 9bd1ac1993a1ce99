// The stream of entries. After a cut the browser hands in the last id it saw and gets exactly what it missed.
// Where the browser gives up (a proxy's 502, a server that is starting) we begin again ourselves.

const PROBE_MS = 10000;
const GIVE_UP_MS = 15000;
const KINDS = ["snapshot", "entry", "heartbeat", "bye"];

export class Live {
  // `hear(kind, data)` gets every event; `heartbeat` is how often the server promises one, in seconds.
  constructor(url, after, heartbeat, hear) {
    Object.assign(this, { url, after, heartbeat, hear, probed: -PROBE_MS, signedOut: false });
    this.heard = performance.now();
    this.open();
    setInterval(() => this.look(), 1000);
  }

  open() {
    const url = new URL(this.url, location.href);
    if (this.after !== null && this.after !== undefined) url.searchParams.set("after", this.after);
    this.opened = performance.now();
    this.source = new EventSource(url);
    for (const kind of KINDS) this.source.addEventListener(kind, (event) => this.take(kind, event));
  }

  take(kind, event) {
    this.heard = performance.now();
    this.signedOut = false;
    if (event.lastEventId) this.after = event.lastEventId;
    this.hear(kind, JSON.parse(event.data || "{}"));
  }

  // From the beginning: the server answers with a snapshot.
  begin() {
    this.after = null;
    this.source.close();
    this.open();
  }

  pause() {
    this.paused = true;
    this.source.close();
  }

  resume() {
    if (!this.paused) return;
    this.paused = false;
    this.heard = performance.now();
    this.open();
  }

  // A connection that died without a word, or that the browser gave up, is opened anew.
  look() {
    if (this.paused) return;
    if (this.stale && performance.now() - this.probed > PROBE_MS) this.probe();
    const quiet = performance.now() - Math.max(this.heard, this.opened);
    const gone = this.source.readyState === EventSource.CLOSED;
    if (quiet > (gone ? 2000 : 3000 * this.heartbeat + 2000)) {
      this.source.close();
      this.open();
    }
  }

  // A stream that is refused does not tell the browser why. Whoever looks for a broken cable should rather sign in.
  async probe() {
    this.probed = performance.now();
    const limit = AbortSignal.timeout(GIVE_UP_MS);
    const answer = await fetch(this.url, { method: "HEAD", signal: limit }).catch(() => null);
    if (answer) this.signedOut = answer.status === 401;
  }

  silence() {
    return performance.now() - this.heard;
  }

  get stale() {
    return !this.paused && this.silence() > 2000 * this.heartbeat + 1000;
  }
}
