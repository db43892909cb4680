// `hybrid`: nDCG@10 of full text search, of dense search and of both fused, over a judged collection that has texts and
// vectors: how far a hybrid search falls below the better of its parts, if it does. Through the engine, exactly.

import type { Collection, Fusion, HybridOfOne } from '../../src/engine/api.js';
import { openDatabase } from '../../src/engine/database/database.js';
import { webAmbient } from '../../src/platform/ambient.js';
import { memoryStorage } from '../../src/storage/memory.js';
import { SyncDatabase } from '../../src/sync/database.js';
import { coreRecipe } from '../cores.js';
import { readFloats } from '../data.js';
import { needed, parseFlags, text as textFlag } from '../flags.js';
import { emit, rounded } from '../log.js';
import { readCollection, readTexts, type TestCollection } from '../text/collection.js';
import { judge } from '../text/judge.js';
import { UsageError } from '../usage-error.js';

const USAGE = 'npm run -s bench -- hybrid --corpus F --queries F --qrels F --base F --query F [--analyzer english] [--json], with a vector in --base and --query for each line of --corpus and --queries';
const BATCH_ROWS = 2000;
/** Hits that each search brings. */
const PART_HITS = 100;
const HITS = 10;

type Vectors = Awaited<ReturnType<typeof readFloats>>;

/** Each alone, and the ways to fuse them; [dense, text]. */
const RUNS: Readonly<Record<string, { readonly parts: readonly (0 | 1)[]; readonly rerank?: Fusion }>> = {
  dense: { parts: [0] },
  bm25: { parts: [1] },
  rrf: { parts: [0, 1] },
  weighted: { parts: [0, 1], rerank: { kind: 'weighted', weights: [0.7, 0.3] } },
  minmax: { parts: [0, 1], rerank: { kind: 'weighted', weights: [0.7, 0.3], normalize: 'minmax' } },
};

export async function hybrid(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'hybrid', ['corpus', 'queries', 'qrels', 'base', 'query', 'analyzer'], USAGE);
  const path = (name: string): string => needed(`--${name}`, values[name], USAGE);
  const recipe = coreRecipe('wasm');
  const missing = await recipe.absent();
  if (missing !== undefined) throw new UsageError(missing);
  const texts = readCollection({ corpus: path('corpus'), queries: path('queries'), qrels: path('qrels') });
  const order = readTexts(path('queries')).map(({ id }) => id);
  const [base, queries] = [await readFloats(path('base')), await readFloats(path('query'))];
  if (base.n !== texts.corpus.length || queries.n !== order.length) throw new UsageError(`expected a vector for each of ${texts.corpus.length} documents and ${order.length} queries, found ${base.n} and ${queries.n}`);
  const db = await openDatabase(SyncDatabase, 'bench', { storage: memoryStorage(), core: await recipe.create(), ambient: webAmbient(), durable: false });
  try {
    const collection = await filled(db, texts, base, textFlag(values['analyzer'], 'english'));
    const figures: Record<string, number> = {};
    for (const name of Object.keys(RUNS)) figures[name] = rounded(await ndcg(collection, name, texts, new Map(order.map((id, at) => [id, vectorAt(queries, at)]))));
    emit({ docs: base.n, queries: texts.queries.length, ...figures });
  } finally {
    await db.close();
  }
}

function vectorAt({ values, d }: Vectors, at: number): Float32Array {
  return values.subarray(at * d, (at + 1) * d);
}

async function filled(db: SyncDatabase, { corpus }: TestCollection, base: Vectors, analyzer: string): Promise<Collection> {
  const collection = await db.createCollection({
    name: 'texts',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'text', type: 'VarChar', enableAnalyzer: true, analyzerParams: { type: analyzer } },
      { name: 'words', type: 'SparseFloatVector', metric: 'BM25' },
      { name: 'meaning', type: 'FloatVector', dim: base.d, metric: 'COSINE' },
    ],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }],
  });
  for (let first = 0; first < corpus.length; first += BATCH_ROWS) {
    await collection.insert(corpus.slice(first, first + BATCH_ROWS).map(({ text }, at) => ({ id: first + at, text, meaning: vectorAt(base, first + at) })));
  }
  return collection;
}

async function ndcg(collection: Collection, name: string, { corpus, queries, judgements }: TestCollection, vectors: ReadonlyMap<string, Float32Array>): Promise<number> {
  const { parts, rerank } = RUNS[name] as (typeof RUNS)[string];
  const answers = new Map<string, readonly string[]>();
  for (const { id, text } of queries) {
    const all: HybridOfOne['searches'] = [{ annsField: 'meaning', data: vectors.get(id) as Float32Array, limit: PART_HITS, recall: 1 }, { annsField: 'words', data: text, limit: PART_HITS }];
    const { hits } = await collection.hybridSearch({ searches: parts.map((part) => all[part] as (typeof all)[number]), limit: HITS, ...(rerank === undefined ? {} : { rerank }) });
    answers.set(id, hits.map((hit) => (corpus[Number(hit.id)] as { readonly id: string }).id));
  }
  return judge(answers, judgements).ndcg10;
}
