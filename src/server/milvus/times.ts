// Times: Milvus' hybrid timestamps: milliseconds since 1970 above 18 bits of a counter. As decimal text, as the protocol's
// uint64 are here.

const COUNTER_BITS = 18n;

/** `counter` tells moments of one millisecond apart. */
export function hybridTime(ms: number, counter = 0): string {
  return ((BigInt(Math.floor(ms)) << COUNTER_BITS) | BigInt(counter & 0x3ffff)).toString();
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
    const ms = Math.max(Math.floor(nowMs), this.#lastMs);
    this.#counter = ms === this.#lastMs ? this.#counter + 1 : 0;
    this.#lastMs = ms;
    return hybridTime(ms, this.#counter);
  }
}
