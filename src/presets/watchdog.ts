// Watchdog: notices that nobody answers, while something is asked; otherwise it has no timer.

const INTERVAL_MS = 5000;
/** Intervals without a word, after being asked for one, until it is given up. */
const SILENT_MAX = 3;

export class Watchdog {
  readonly #ask: () => void;
  readonly #giveUp: () => void;
  readonly #isWaiting: () => boolean;
  #timer: ReturnType<typeof setInterval> | undefined;
  #silent = 0;

  /** `ask` asks for a word, `giveUp` is told that there was none. */
  constructor(isWaiting: () => boolean, ask: () => void, giveUp: () => void) {
    this.#isWaiting = isWaiting;
    this.#ask = ask;
    this.#giveUp = giveUp;
  }

  /** Something is asked. */
  watch(): void {
    if (this.#timer !== undefined) return;
    this.#silent = 0;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
  }

  heard(): void {
    this.#silent = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (!this.#isWaiting()) return this.stop();
    if (this.#silent++ < SILENT_MAX) return this.#ask();
    this.stop();
    this.#giveUp();
  }
}
