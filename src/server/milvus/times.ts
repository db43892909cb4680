// Times: Milvus' hybrid timestamps: milliseconds since 1970 above 18 bits of a counter. As decimal text, as the protocol's
// uint64 are here.

const COUNTER_BITS = 18n;
const COUNTER_MAX = 0x3ffff;

/** `counter` tells moments of one millisecond apart. */
export function hybridTime(ms: number, counter = 0): string {
  return ((BigInt(Math.floor(ms)) << COUNTER_BITS) | BigInt(counter & COUNTER_MAX)).toString();
}

/** Milliseconds since 1970 of a hybrid timestamp. */
export function millisecondsOf(time: string | bigint): number {
  return Number(BigInt(time) >> COUNTER_BITS);
}

/** Gives timestamps of which each is greater than the one before. */
export class HybridClock {
  #lastMs = 0;
  #counter = 0;

  next(nowMs: number): string {
    const ms = Math.floor(nowMs);
    const isSame = ms <= this.#lastMs;
    this.#counter = isSame ? this.#counter + 1 : 0;
    if (!isSame) this.#lastMs = ms;
    // More than the counter holds: the time goes ahead of the clock.
    if (this.#counter > COUNTER_MAX) {
      this.#counter = 0;
      this.#lastMs++;
    }
    return hybridTime(this.#lastMs, this.#counter);
  }
}
