// `filter`: how long filters take over a table in memory: ours, the loop that one would write by hand, and DuckDB-Wasm, in
// turns in one thread of one process, each held to the same counts.

import { openDuckDb } from '../filter/duckdb.js';
import { prepareOwn } from '../filter/own.js';
import { QUESTIONS } from '../filter/questions.js';
import { random } from '../filter/random.js';
import { makeTable, type FilterTable } from '../filter/table.js';
import { takeTurns, TARGETS, type Prepare, type TargetName } from '../filter/turns.js';
import { integer, parseFlags, text } from '../flags.js';
import { emit, log } from '../log.js';
import { missingBuild } from '../repository.js';
import { UsageError } from '../usage-error.js';

const USAGE = 'npm run -s bench -- filter [--rows 1000000] [--rounds 9] [--only and,range,…] [--targets elanus,elanus-scan,loop,peer:duckdb-wasm] [--json]';
const FLAGS = ['rows', 'rounds', 'only', 'targets'] as const;
const SEED = 11;

export async function filter(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'filter', FLAGS, USAGE);
  const rows = integer('--rows', text(values['rows'], '1000000'), 1, 100_000_000);
  const rounds = integer('--rounds', text(values['rounds'], '9'), 1, 1000);
  const asked = chosen('--only', text(values['only'], ''), QUESTIONS.map(({ name }) => name));
  const names = chosen('--targets', text(values['targets'], ''), TARGETS);
  const missing = missingBuild('dist/filter.wasm');
  if (missing !== undefined) throw new UsageError(missing);
  const table = makeTable(rows, random(SEED));
  const targets = new Map<TargetName, Prepare | Error>();
  for (const name of names) targets.set(name, await prepareTarget(name, table).catch((error: unknown) => error as Error));
  for (const question of QUESTIONS.filter(({ name }) => asked.includes(name))) {
    const { lines, ratios } = takeTurns(question, targets, rows, rounds);
    [...lines, ...ratios].forEach(emit);
    if (values['json'] !== true) log(`${question.filter}: ${lines.map(({ target, cpuMs, error }) => `${target} ${error ?? `${String(cpuMs)} ms`}`).join(', ')}`);
  }
}

async function prepareTarget(name: TargetName, table: FilterTable): Promise<Prepare> {
  if (name === 'loop') return ({ loop }) => () => loop(table);
  if (name === 'peer:duckdb-wasm') return openDuckDb(table);
  return prepareOwn(table, name === 'elanus');
}

/** Names of a list, all of them if it is empty. */
function chosen<T extends string>(flag: string, list: string, known: readonly T[]): readonly T[] {
  if (list === '') return known;
  return list.split(',').map((name) => {
    const found = known.find((of) => of === name);
    if (found === undefined) throw new UsageError(`${flag}: expected some of ${known.join(', ')}, found ${JSON.stringify(name)}\n${USAGE}`);
    return found;
  });
}
