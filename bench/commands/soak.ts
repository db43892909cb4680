// `soak`: a mixed load for some minutes, and what it does to memory: one line a sample, then the slopes over the second half.

import { mkdirSync } from 'node:fs';
import { integer, parseFlags, text } from '../flags.js';
import { emit, log, rounded } from '../log.js';
import { inRepository, missingBuild } from '../repository.js';
import { soak as run } from '../storage/soak.js';
import { UsageError } from '../usage-error.js';

const USAGE = 'npm run -s soak -- [--minutes 10] [--keys 20000] [--json]';
const SAMPLE_SECONDS = 30;
const SAMPLES_MIN = 12;

export async function soak(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'soak', ['minutes', 'keys'], USAGE);
  const minutes = integer('--minutes', text(values['minutes'], '10'), 1, 100_000);
  const keys = integer('--keys', text(values['keys'], '20000'), 1, 10_000_000);
  const missing = missingBuild('dist/node.js', 'dist/filter.wasm');
  if (missing !== undefined) throw new UsageError(missing);
  const folder = inRepository('build/storage');
  mkdirSync(folder, { recursive: true });
  const seconds = minutes * 60;
  const slopes = await run({ folder, seconds, sampleSeconds: Math.min(SAMPLE_SECONDS, seconds / SAMPLES_MIN), keys }, (sample) => {
    if (values['json'] === true) return emit(sample);
    const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    log(`${sample.atSeconds} s: RSS ${mb(sample.rssBytes)}, heap ${mb(sample.heapBytes)}, buffers ${mb(sample.arrayBufferBytes)}, core ${mb(sample.coreBytes)}, disk ${mb(sample.diskBytes)}, ${sample.rows} rows in ${sample.segments} segments, ${Object.entries(sample.done).map(([name, count]) => `${name} ${count}`).join(', ')}`);
  });
  const line = Object.fromEntries(Object.entries(slopes).map(([name, { perMinute, share }]) => [name, { perMinute: rounded(perMinute), percentPerMinute: rounded(share * 100) }]));
  if (values['json'] === true) emit({ slopes: line });
  else for (const [name, { perMinute, percentPerMinute }] of Object.entries(line)) process.stdout.write(`${name}: ${perMinute} a minute, ${percentPerMinute} %\n`);
}
