// Exact order of vectors that are in no index, over the addon.

import type { Ranking } from '../../ports/core.js';
import { checkStatus, METRIC_NUMBERS } from './abi.js';
import type { Addon } from './addon.js';
import { checkRank, type RankArguments } from './elements.js';

export function rankNative(addon: Addon, given: RankArguments): Ranking {
  const { metric, dim, query, vectors, k, kernels } = given;
  const { count, element } = checkRank(given);
  const room = Math.min(k, count);
  const ranking = { positions: new Uint32Array(room), scores: new Float32Array(room) };
  if (room > 0) checkStatus(addon.rank(dim, METRIC_NUMBERS[metric], element, kernels, query, vectors, ranking.positions, ranking.scores), 'rank');
  return ranking;
}
