// Exact order of vectors that are in no index, in core.wasm.

import type { Ranking } from '../../ports/core.js';
import { checkStatus, METRIC_NUMBERS } from '../native/abi.js';
import { checkRank, type RankArguments } from '../native/elements.js';
import type { Instance } from './instance.js';

export function rankWasm(core: Instance, given: RankArguments): Ranking {
  const { metric, dim, query, vectors, k, kernels } = given;
  const { count, element } = checkRank(given);
  const room = Math.min(k, count);
  if (room === 0) return { positions: new Uint32Array(), scores: new Float32Array() };
  // The number found, positions, scores, the query; last the vectors, whose values are the narrowest.
  const words = 1 + 2 * room + dim;
  return core.borrow(words * 4 + vectors.byteLength, (at) => {
    const positions = at / 4 + 1;
    const scores = positions + room;
    const queryAt = (scores + room) * 4;
    core.put(query, queryAt);
    core.put(vectors, at + words * 4);
    checkStatus(core.calls.elanus_rank(dim, METRIC_NUMBERS[metric], element, kernels, queryAt, at + words * 4, count, room, at, positions * 4, scores * 4), 'rank');
    return { positions: core.u32.slice(positions, scores), scores: core.f32.slice(scores, scores + room) };
  });
}
