// `text`: full text search by BM25 in core.wasm over a judged collection: nDCG@10, the share of queries whose first hit is relevant, and
// the median time from the text of a query to its ten best documents. `--reference` judges Lucene in the same run.

import { coreRecipe } from '../cores.js';
import { needed, parseFlags, text as textFlag } from '../flags.js';
import { emit, log, rounded } from '../log.js';
import { quantile } from '../statistics.js';
import { readCollection, type TestCollection } from '../text/collection.js';
import { judge, type Quality } from '../text/judge.js';
import { analyzerFor } from '../text/language.js';
import { indexTexts } from '../text/own-texts.js';
import { REFERENCE_ANALYZERS, referenceAnswers } from '../text/reference.js';
import { UsageError } from '../usage-error.js';

const USAGE = 'npm run -s bench -- text --corpus F --queries F --qrels F [--analyzer standard|english|chinese|icu|auto|JSON] [--reference NAME,…] [--json]';
const PASSES = 3;
const HITS = 10;

const ANALYZERS: Readonly<Record<string, unknown>> = { standard: {}, english: { type: 'english' }, chinese: { type: 'chinese' }, icu: { tokenizer: 'icu', filter: ['lowercase'] } };

export interface TextLine extends Quality {
  readonly docs: number;
  readonly p50Ms: number;
}

export async function text(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'text', ['corpus', 'queries', 'qrels', 'analyzer', 'reference'], USAGE);
  const paths = { corpus: needed('--corpus', values['corpus'], USAGE), queries: needed('--queries', values['queries'], USAGE), qrels: needed('--qrels', values['qrels'], USAGE) };
  const missing = await coreRecipe('wasm').absent();
  if (missing !== undefined) throw new UsageError(missing);
  const references = textFlag(values['reference'], '').split(',').filter((name) => name !== '');
  for (const name of references) if (!REFERENCE_ANALYZERS.some((known) => known === name)) throw new UsageError(`--reference: unknown analyzer ${JSON.stringify(name)}, expected some of ${REFERENCE_ANALYZERS.join(', ')}`);
  const collection = readCollection(paths);
  const { ndcg10, recall1, ...rest } = await measured(collection, await paramsOf(textFlag(values['analyzer'], 'standard'), collection));
  emit({ docs: rest.docs, ndcg10: rounded(ndcg10), recall1: rounded(recall1), p50Ms: rounded(rest.p50Ms) });
  for (const name of references) {
    const quality = judge(referenceAnswers(collection, name), collection.judgements);
    emit({ reference: `lucene ${name}`, docs: collection.corpus.length, ndcg10: rounded(quality.ndcg10), recall1: rounded(quality.recall1) });
  }
}

async function paramsOf(name: string, { corpus }: TestCollection): Promise<unknown> {
  if (name === 'auto') {
    const { language, params } = await analyzerFor(corpus.map((document) => document.text));
    log(`auto: ${language ?? 'no language that there is a stemmer for'}`);
    return params;
  }
  if (name.startsWith('{')) return name;
  if (!Object.hasOwn(ANALYZERS, name)) throw new UsageError(`--analyzer: unknown analyzer ${JSON.stringify(name)}, expected ${Object.keys(ANALYZERS).join(', ')}, auto or JSON`);
  return ANALYZERS[name];
}

async function measured({ corpus, queries, judgements }: TestCollection, params: unknown): Promise<TextLine> {
  const index = await indexTexts(await coreRecipe('wasm').create(), corpus.map((document) => document.text), params);
  const answers = new Map<string, readonly string[]>();
  const latenciesMs: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    for (const { id, text: query } of queries) {
      const start = performance.now();
      const rows = index.search(query, HITS);
      latenciesMs.push(performance.now() - start);
      if (pass === 0) answers.set(id, Array.from(rows, (row) => (corpus[row] as { readonly id: string }).id));
    }
  }
  index.close();
  return { docs: corpus.length, ...judge(answers, judgements), p50Ms: quantile(latenciesMs, 0.5) };
}
