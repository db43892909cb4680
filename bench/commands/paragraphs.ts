// `paragraphs`: the time of a full text search over many paragraphs, ours in core.wasm and Orama in one run. A query goes from its
// text to the ten best paragraphs; queries of both take turns, so that whatever else the machine does meets both.

import { coreRecipe } from '../cores.js';
import { integer, needed, parseFlags, text as textFlag } from '../flags.js';
import { emit, log, rounded } from '../log.js';
import { quantile } from '../statistics.js';
import { oramaOf } from '../text/orama.js';
import { indexTexts } from '../text/own-texts.js';
import { readParagraphs } from '../text/paragraphs.js';
import { UsageError } from '../usage-error.js';

const USAGE = 'npm run -s bench -- paragraphs --data FOLDER [--docs 100000] [--queries 200] [--analyzer standard|english] [--json]';
const HITS = 10;
/** Of our search for one of Orama's, which is slower. */
const TURNS = 5;

export interface ParagraphsLine {
  readonly target: 'wasm' | 'peer:orama';
  readonly docs: number;
  readonly queries: number;
  readonly indexS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many times as fast as the peer, by p50. */
  readonly speedup?: number;
}

export async function paragraphs(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'paragraphs', ['data', 'docs', 'queries', 'analyzer'], USAGE);
  const count = integer('--docs', textFlag(values['docs'], '100000'), 1000, 1_000_000);
  const wanted = integer('--queries', textFlag(values['queries'], '200'), 1, 10_000);
  const analyzer = textFlag(values['analyzer'], 'standard');
  const missing = await coreRecipe('wasm').absent();
  if (missing !== undefined) throw new UsageError(missing);
  const { texts, queries } = readParagraphs(needed('--data', values['data'], USAGE), count);
  const step = Math.max(1, Math.floor(queries.length / wanted));
  const asked = queries.filter((_, i) => i % step === 0).slice(0, wanted);

  const [own, ownS] = await timed(async () => indexTexts(await coreRecipe('wasm').create(), texts, { type: analyzer }));
  log(`wasm: ${count} paragraphs indexed in ${ownS} s, ${Math.round(own.indexBytes / 1e6)} MB`);
  const [orama, oramaS] = await timed(() => oramaOf(texts));
  log(`peer:orama: indexed in ${oramaS} s`);
  const latenciesMs: { readonly own: number[]; readonly orama: number[] } = { own: [], orama: [] };
  for (const query of asked) {
    for (let turn = 0; turn < TURNS; turn++) await timeInto(latenciesMs.own, () => own.search(query, HITS));
    await timeInto(latenciesMs.orama, () => orama(query, HITS));
  }
  own.close();
  const [ownP50, oramaP50] = [quantile(latenciesMs.own, 0.5), quantile(latenciesMs.orama, 0.5)];
  emit({ target: 'wasm', docs: count, queries: asked.length, indexS: ownS, p50Ms: rounded(ownP50), p99Ms: rounded(quantile(latenciesMs.own, 0.99)), speedup: rounded(oramaP50 / ownP50) });
  emit({ target: 'peer:orama', docs: count, queries: asked.length, indexS: oramaS, p50Ms: rounded(oramaP50), p99Ms: rounded(quantile(latenciesMs.orama, 0.99)) });
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, rounded((performance.now() - start) / 1000)];
}

async function timeInto(latenciesMs: number[], work: () => unknown): Promise<void> {
  const start = performance.now();
  await work();
  latenciesMs.push(performance.now() - start);
}
