// npm run -s filters -- --count N --seed S --json: random filters of the whole language against an evaluator over plain
// objects. Prints {"expressions","differences"} and ends with 1 if there is a difference; differences are told on standard
// error, with what makes them again.

import { parseArgs } from 'node:util';
import { createPredicates } from '../../../src/core/predicates/wasm-predicates.js';
import { compileAsset } from '../../support/assets.js';
import { compareFilters } from './run.js';

const { values } = parseArgs({ options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } } });

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name}: expected a whole number, found ${text}`);
  return Number(text);
}

const count = wholeNumber('count', values.count);
const seed = wholeNumber('seed', values.seed);
const predicates = createPredicates(await compileAsset('filter.wasm'));
const { expressions, differences } = compareFilters(count, seed, predicates, (done) => !values.json && process.stderr.write(`\r${done} of ${count}`));
for (const difference of differences) console.error(difference);
console.log(values.json ? JSON.stringify({ expressions, differences: differences.length }) : `\n${expressions} expressions, ${differences.length} differences (seed ${seed})`);
process.exitCode = differences.length === 0 && expressions === count ? 0 : 1;
