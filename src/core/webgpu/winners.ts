// Winners: the pairs of key and row that come back from the device, as candidates of the port. A key is a score's bits
// mapped by the shader's `keyOf`; here that is undone.

import type { Metric } from '../../model/metric.js';
import type { Candidates } from '../../ports/core.js';
import { EMPTY_KEY, NAN_KEY } from './flat.wgsl.js';

const NOT_NEGATIVE = 0x8000_0000;

/** Writes `winners`, k pairs for each query, into `found` from query `firstQuery` on. */
export function decodeWinners(winners: Uint32Array, metric: Metric, firstQuery: number, found: Candidates): void {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  const base = firstQuery * found.k;
  for (let at = 0; at < winners.length / 2; at++) {
    const key = winners[at * 2] as number;
    if (key === EMPTY_KEY) continue;
    bits[0] = key >= NOT_NEGATIVE ? key ^ NOT_NEGATIVE : ~key;
    const distance = key === NAN_KEY ? NaN : (float[0] as number);
    found.rows[base + at] = winners[at * 2 + 1] as number;
    found.scores[base + at] = metric === 'L2' ? distance : 0 - distance;
    const query = Math.floor((base + at) / found.k);
    found.counts[query] = (found.counts[query] as number) + 1;
  }
}
