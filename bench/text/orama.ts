// Orama (@orama/orama): full text search for JavaScript, by BM25 too, as its documentation starts with it: its own English tokenizer
// without stemming, any of a query's terms, ten hits.

import { installNpm, importPeer } from '../peers/install.js';
import { UsageError } from '../usage-error.js';

interface Orama {
  create(options: { readonly schema: Readonly<Record<string, string>> }): unknown;
  insertMultiple(database: unknown, documents: readonly { readonly text: string }[], batchSize: number): Promise<readonly string[]>;
  search(database: unknown, query: { readonly term: string; readonly limit: number; readonly threshold: number }): OramaAnswer | Promise<OramaAnswer>;
}

interface OramaAnswer {
  readonly hits: readonly { readonly document: { readonly text: string } }[];
}

/** Gives a search for the number of hits. Errors: `UsageError` if it cannot be installed. */
export async function oramaOf(texts: readonly string[]): Promise<(query: string, k: number) => Promise<number>> {
  const failed = installNpm('@orama/orama', false);
  if (failed !== undefined) throw new UsageError(`Orama: ${failed}`);
  const { create, insertMultiple, search } = (await importPeer('@orama/orama/dist/esm/index.js')) as Orama;
  const database = create({ schema: { text: 'string' } });
  await insertMultiple(database, texts.map((text) => ({ text })), 1000);
  return async (query, k) => (await search(database, { term: query, limit: k, threshold: 1 })).hits.length;
}
