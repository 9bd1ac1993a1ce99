// Two short tones for a new Critical. Browsers allow sound only after a press, so there is a button for it.
const WISH = "wall.sound";

export class Sound {
  constructor(button, said) {
    this.button = button;
    this.said = said;
    button.addEventListener("click", () => this.enable());
    if (localStorage.getItem(WISH)) this.prepare();
  }

  prepare() {
    this.context ??= new AudioContext();
    this.context.onstatechange = () => this.show();
    this.show();
  }

  async enable() {
    localStorage.setItem(WISH, "1");
    this.prepare();
    await this.context.resume();
    this.ring();
  }

  show() {
    this.button.hidden = this.context?.state === "running";
  }

  ring() {
    if (this.context?.state !== "running") return;
    [880, 660, 880].forEach((pitch, n) => this.tone(pitch, this.context.currentTime + n * 0.28));
  }

  tone(pitch, at) {
    const oscillator = this.context.createOscillator();
    const gain = this.context.createGain();
    oscillator.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
    oscillator.connect(gain).connect(this.context.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.26);
  }
}
