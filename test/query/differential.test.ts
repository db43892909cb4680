// Random filters of the whole language match the rows that an evaluator over plain objects finds, which shares nothing
// with the product: its own trees, printed to text and to objects. `npm run -s filters` runs as many as wanted.

import { beforeAll, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import type { Predicates } from '../../src/ports/core.js';
import { compileAsset } from '../support/assets.js';
import { compareFilters } from './differential/run.js';

let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

const seed = 4_711;

it(`of seed ${seed}, the rows are the same`, () => {
  expect(compareFilters(1_500, seed, predicates)).toEqual({ expressions: 1_500, differences: [] });
});
