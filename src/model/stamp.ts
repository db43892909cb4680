// Stamp: when a row was written, as all who write to a collection agree on it: a hybrid logical clock (Kulkarni et al.,
// "Logical Physical Clocks", 2014) in 64 bits, milliseconds since 1970 above a counter of 16 bits. Of two writes of one row the one
// with the greater stamp counts; of equal stamps, the one of the greater client.

export interface Stamp {
  /** Milliseconds << 16 | counter, at least 0. */
  readonly time: bigint;
  /** Of a client the first 8 bytes of its number, as a signed integer; 0 of a server. */
  readonly client: bigint;
}

/** Of rows that were written before their collection took pushes. */
export const NO_STAMP: Stamp = { time: 0n, client: 0n };

/** How far ahead of the server's clock a stamp may be. */
export const AHEAD_MS_MAX = 60_000;

const COUNTER_BITS = 16n;
const TIME_MAX = (1n << 63n) - 1n;

/** True if a write of `stamp` takes the place of one of `before`. The same write again does not. */
export function isLater(stamp: Stamp, before: Stamp): boolean {
  return stamp.time > before.time || (stamp.time === before.time && stamp.client > before.client);
}

/** What the stamps of a client are called, of its 16 bytes. */
export function stampClient(client: Uint8Array): bigint {
  return new DataView(client.buffer, client.byteOffset, client.byteLength).getBigInt64(0);
}

export function timeOfMs(ms: number): bigint {
  const time = BigInt(Math.max(0, Math.floor(ms))) << COUNTER_BITS;
  return time > TIME_MAX ? TIME_MAX : time;
}

export function msOfTime(time: bigint): number {
  return Number(time >> COUNTER_BITS);
}

/** The greatest time that is believed at `nowMs`. */
export function timeMax(nowMs: number): bigint {
  return timeOfMs(nowMs + AHEAD_MS_MAX) | ((1n << COUNTER_BITS) - 1n);
}

/** Gives times that ascend, whatever the clock of the machine does, and lie behind every time it was shown. */
export class StampClock {
  readonly #nowMs: () => number;
  #last: bigint;

  constructor(nowMs: () => number, last = 0n) {
    this.#nowMs = nowMs;
    this.#last = last;
  }

  /** The last one given or shown. */
  get last(): bigint {
    return this.#last;
  }

  tick(): bigint {
    const now = timeOfMs(this.#nowMs());
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last;
  }

  /** Those after this are later. */
  shown(time: bigint): void {
    if (time > this.#last) this.#last = time;
  }
}
