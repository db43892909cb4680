// npm run -s kinds -- --seeds N --from S --json: search kinds, queries and iterators against brute force, on N random
// collections from seed S on. Standard output: one line, {"seeds","answers","differences"}; what differs goes to standard error.

import { checkHybrid } from './check-hybrid.js';
import { checkQueryIterator, checkSearchIterator } from './check-iterate.js';
import { checkQueries } from './check-query.js';
import { checkGrouped, checkReranked, checkSearch } from './check-search.js';
import { makeWorld, type World } from './world.js';

const ROUNDS = 4;
const CHECKS: readonly ((world: World) => Promise<number>)[] = [checkQueries, checkSearch, checkGrouped, checkReranked, checkHybrid, checkQueryIterator, checkSearchIterator];

function numberAfter(name: string, preset: number): number {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? preset : Number(process.argv[at + 1]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name}: expected a whole number`);
  return value;
}

async function run(seeds: number, from: number): Promise<{ readonly answers: number; readonly differences: number }> {
  let answers = 0;
  let differences = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const world = await makeWorld(seed);
    try {
      for (let round = 0; round < ROUNDS; round++) for (const check of CHECKS) answers += await check(world);
    } catch (error) {
      differences++;
      process.stderr.write(`seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    } finally {
      await world.close();
    }
  }
  return { answers, differences };
}

const seeds = numberAfter('--seeds', 100);
const found = await run(seeds, numberAfter('--from', 1));
process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify({ seeds, ...found })}\n` : `${seeds} collections, ${found.answers} answers, ${found.differences} differences\n`);
process.exitCode = found.differences === 0 ? 0 : 1;
