// Progress: how far a long command is, on stderr: a bar that is drawn over where that is a terminal, else a plain line
// now and then.

const BAR_CELLS = 30;
const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 5000;

export interface Sink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class Progress {
  readonly #sink: Sink;
  readonly #nowMs: () => number;
  readonly #everyMs: number;
  #shownMs: number;
  #drawn = false;

  constructor(sink: Sink, nowMs: () => number = Date.now) {
    this.#sink = sink;
    this.#nowMs = nowMs;
    this.#everyMs = sink.isTTY === true ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
    this.#shownMs = nowMs();
  }

  /** `share` of the whole, 0 to 1; undefined if the whole is not known. */
  show(share: number | undefined, text: string): void {
    const now = this.#nowMs();
    if (now - this.#shownMs < this.#everyMs) return;
    this.#shownMs = now;
    const percent = share === undefined ? '' : `${Math.floor(Math.min(share, 1) * 100)} % `;
    if (this.#sink.isTTY !== true) {
      this.#sink.write(`${percent}${text}\n`);
      return;
    }
    const cells = Math.round(Math.min(share ?? 0, 1) * BAR_CELLS);
    const bar = share === undefined ? '' : `[${'#'.repeat(cells)}${'.'.repeat(BAR_CELLS - cells)}] `;
    this.#sink.write(`\r\x1b[K${bar}${percent}${text}`);
    this.#drawn = true;
  }

  /** Takes the bar away; `text` stays as a line. */
  end(text?: string): void {
    if (this.#drawn) this.#sink.write('\r\x1b[K');
    this.#drawn = false;
    if (text !== undefined) this.#sink.write(`${text}\n`);
  }
}
