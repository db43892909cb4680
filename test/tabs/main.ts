// The long versions of the tests of tabs, for `npm run tabs` and `npm run kill:browser`. Prints each round, then a summary;
// ends non-zero if anything was lost, if there were two writers, or if a take-over took longer than 2 seconds.

import { parseArgs } from 'node:util';
import { random as seeded } from '../support/random.js';
import { killBrowser } from './browser-kill.js';
import { chromiumPath } from './chromium.js';
import { endings, TakeOver } from './take-over.js';

const TAKE_OVER_MS_MAX = 2000;

const usage = `Usage:
  npm run tabs -- [--rounds 50] [--tabs 2,5]
  npm run kill:browser -- [--rounds 50] [--browser chromium|firefox] [--seed 1]
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '50' },
    tabs: { type: 'string', default: '2,5' },
    browser: { type: 'string', default: 'chromium' },
    seed: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function tabs(): Promise<boolean> {
  let well = true;
  for (const count of values.tabs.split(',').map(Number)) {
    const outcome = await TakeOver.run(count, rounds, ({ ending, silenceMs }) => say(`${count} tabs, owner ends by ${ending}: others without an answer for ${silenceMs} ms`));
    const times = outcome.rounds.map(({ silenceMs }) => silenceMs).sort((a, b) => a - b);
    const max = times.at(-1) ?? 0;
    const { lost, wrong, acknowledged, interrupted, processesMax, ownersMax, problems } = outcome;
    const by = endings.map((ending) => `${ending} ${Math.max(0, ...outcome.rounds.filter((round) => round.ending === ending).map(({ silenceMs }) => silenceMs))}`).join(', ');
    say(`${count} tabs, ${rounds} rounds: take-over p50 ${times[times.length >> 1] ?? 0} ms, max ${max} ms (${by}); acknowledged ${acknowledged}, lost ${lost}, wrong ${wrong}, interrupted ${interrupted.length}; owners at once ${ownersMax}, tabs' processes with its files open at once ${processesMax === undefined ? 'not seen here' : endings.map((ending) => `${ending} ${processesMax[ending]}`).join(', ')}; problems ${problems.length}${problems.map((problem) => `\n  ${String(problem)}`).join('')}`);
    for (const [message, times] of countsOf(interrupted)) say(`  ${times} x ${message}`);
    well &&= lost + wrong + problems.length === 0 && (processesMax === undefined || Math.max(...Object.values(processesMax)) <= 1) && ownersMax === 1 && max <= TAKE_OVER_MS_MAX;
  }
  return well;
}

function countsOf(messages: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const message of messages) counts.set(message, (counts.get(message) ?? 0) + 1);
  return counts;
}

async function kill(): Promise<boolean> {
  if (values.browser !== 'chromium' && values.browser !== 'firefox') throw new Error(usage);
  const random = seeded(Number(values.seed));
  const { kills, lost, wrong, acknowledged, warnings, problems } = await killBrowser(values.browser, rounds, random, (done, noted) => say(`${values.browser} killed ${done} times, ${noted} notes`));
  say(`${values.browser} (${values.browser === 'chromium' ? chromiumPath : 'firefox-esr'}), seed ${values.seed}: killed ${kills} times; noted ${acknowledged}, lost ${lost}, wrong ${wrong}; warnings of the last opening ${warnings.length}; problems ${problems.length}${problems.map((problem) => `\n  ${String(problem)}`).join('')}`);
  return lost + wrong + problems.length === 0;
}

if (!Number.isInteger(rounds) || rounds < 1 || (positionals[0] !== 'tabs' && positionals[0] !== 'kill')) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  (positionals[0] === 'tabs' ? tabs() : kill()).then(
    (well) => (process.exitCode = well ? 0 : 1),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
