// `bars`: every measure that the product is held to, run part by part, and one table of them in Markdown on stdout.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BARS } from '../bars/bars.js';
import { bytesPart, partsOf, smallPart, type Set } from '../bars/parts.js';
import { runParts } from '../bars/results.js';
import { barsTable } from '../bars/table.js';
import { readFloats } from '../data.js';
import { metricOf, text } from '../flags.js';
import { parseArgs } from 'node:util';
import { log } from '../log.js';
import { inRepository } from '../repository.js';
import { UsageError } from '../usage-error.js';

const USAGE =
  'npm run -s bench:bars -- [--data FOLDER] [--sets fashion-mnist:l2,notes-bge-micro:cosine,sift5k:l2] [--out FOLDER] [--resume] [--only PART,…]\n' +
  '  FOLDER of --data holds NAME.base, NAME.query (.fvecs or .bvecs, .gz or not) and NAME.gt (.ivecs) of each set; --out keeps the lines of each part.';
const USUAL_DATA = '../shared/data';
const USUAL_SETS = 'fashion-mnist:l2,notes-bge-micro:cosine,sift5k:l2';
const USUAL_OUT = 'build/bars';

export async function bars(argv: readonly string[]): Promise<void> {
  const values = readFlags(argv);
  const folder = text(values.data, inRepository(USUAL_DATA));
  const sets: Set[] = [];
  for (const named of text(values.sets, USUAL_SETS).split(',')) {
    const set = await findSet(folder, named);
    if (typeof set === 'string') log(set);
    else sets.push(set);
  }
  const small = smallPart(sets);
  const all = [bytesPart, ...(small === undefined ? [] : [small]), ...sets.flatMap(partsOf)];
  const parts = values.only === undefined ? all : all.filter(({ name }) => values.only?.split(',').some((wanted) => name === wanted || name.startsWith(`${wanted}-`)));
  if (parts.length === 0) throw new UsageError(`--only: expected some of ${all.map(({ name }) => name).join(', ')}\n${USAGE}`);
  const results = await runParts(parts, text(values.out, inRepository(USUAL_OUT)), values.resume === true ? builtMs() : undefined, log);
  process.stdout.write(`${barsTable(BARS, results, sets)}\n`);
}

const BUILT = ['elanus.node', 'core.wasm', 'core-relaxed.wasm', 'filter.wasm', 'node.js'];

/** When the last of what is measured was built: lines from before are of something else. */
function builtMs(): number {
  const paths = BUILT.map((name) => inRepository(`dist/${name}`));
  return Math.max(0, ...paths.filter((path) => existsSync(path)).map((path) => statSync(path).mtimeMs));
}

function readFlags(argv: readonly string[]) {
  const string = { type: 'string' } as const;
  try {
    return parseArgs({ args: argv.slice(1), options: { data: string, sets: string, out: string, only: string, resume: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

/** Or why it takes no part. Errors: `UsageError` for what is no set at all. */
async function findSet(folder: string, named: string): Promise<Set | string> {
  const [name, metric, more] = named.split(':');
  if (name === undefined || name === '' || metric === undefined || more !== undefined) throw new UsageError(`--sets: expected NAME:METRIC, found ${JSON.stringify(named)}\n${USAGE}`);
  const file = (kind: string, endings: readonly string[]): string | undefined =>
    endings.flatMap((ending) => [`${name}.${kind}.${ending}.gz`, `${name}.${kind}.${ending}`]).map((found) => join(folder, found)).find((path) => existsSync(path));
  const base = file('base', ['fvecs', 'bvecs']);
  const query = file('query', ['fvecs', 'bvecs']);
  const gt = file('gt', ['ivecs']);
  if (base === undefined || query === undefined || gt === undefined) return `${name}: not in ${folder}, so it is left out`;
  const { n, d } = await readFloats(base);
  return { name, metric: metricOf(metric), n, d, base, query, gt };
}
