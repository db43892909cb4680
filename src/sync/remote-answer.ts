// RemoteAnswer: a search that is sent to the origin of a copy, and what comes back, as they are on the wire. Format:
// docs/format.md, "Replication".

import type { MissingRows, SearchOptions, SearchResult } from '../engine/api/search.js';
import { decodeWire, encodeWire } from '../format/wire-values.js';
import { require, requireIntact } from '../model/errors.js';
import type { Hit } from '../model/hit.js';
import { LIMITS } from '../model/limits.js';
import type { PrimaryKey, Row } from '../model/row.js';

export const SEARCH_BYTES_MAX = 16 * 1024 * 1024;
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** What is sent of a search; anything else is refused. */
const MEMBERS = ['data', 'annsField', 'limit', 'filter', 'filterParams', 'partitionNames', 'recall', 'ef', 'params', 'radius', 'rangeFilter', 'model', 'outputFields', 'consistencyLevel'] as const;
const REASONS: readonly unknown[] = ['damaged', 'missing', 'evicted', 'arriving'] satisfies readonly MissingRows['reason'][];

export type SentSearch = Pick<SearchOptions, Exclude<(typeof MEMBERS)[number], 'data'>> & { readonly data: unknown };

/** Of each query. */
export type RemoteAnswer = Pick<SearchResult<readonly (readonly Hit[])[]>, 'hits' | 'recall' | 'missing'>;

/** Errors: `InvalidArgument` if it is longer than SEARCH_BYTES_MAX, or is no plain data. */
export function encodeSearch(search: SentSearch): Uint8Array<ArrayBuffer> {
  const bytes = encodeWire(Object.fromEntries(MEMBERS.map((name) => [name, search[name]])));
  require(bytes.length <= SEARCH_BYTES_MAX, () => `remote: a search of at most ${SEARCH_BYTES_MAX} bytes, found ${bytes.length}`);
  return bytes;
}

/** What it asks is not looked at. Errors: `Corrupt`, `InvalidArgument`. */
export function decodeSearch(bytes: Uint8Array, where: string): SentSearch {
  const search = decodeWire(bytes, where);
  require(typeof search === 'object' && search !== null && !Array.isArray(search), () => `${where}: expected an object`);
  const known: ReadonlySet<string> = new Set(MEMBERS);
  for (const name of Object.keys(search)) require(known.has(name), () => `${where}: "${name}": expected one of ${MEMBERS.join(', ')}`);
  return search as SentSearch;
}

export function encodeSearchAnswer({ hits, recall, missing }: RemoteAnswer): Uint8Array<ArrayBuffer> {
  return encodeWire({ hits: hits.map((list) => list.map(({ id, score, fields }) => ({ id, score, fields }))), recall, missing });
}

/** Errors: `Corrupt`. */
export function decodeSearchAnswer(bytes: Uint8Array, where: string, { queries, limit }: { readonly queries: number; readonly limit: number }): RemoteAnswer {
  const answer = objectIn(decodeWire(bytes, where), where, 'answer');
  const hits = listIn(answer['hits'], where, 'hits', queries);
  requireIntact(hits.length === queries, where, `hits: expected those of ${queries} queries, found ${hits.length}`);
  const recall = answer['recall'];
  requireIntact(typeof recall === 'number' && recall >= 0 && recall <= 1, where, 'recall: expected 0 to 1');
  const missing = answer['missing'] === undefined ? undefined : listIn(answer['missing'], where, 'missing', LIMITS.segmentsMax).map((given) => missingIn(given, where));
  return { hits: hits.map((list) => listIn(list, where, 'hits', limit).map((hit) => hitIn(hit, where))), recall, ...(missing === undefined ? {} : { missing }) };
}

function hitIn(value: unknown, where: string): Hit {
  const { id, score, fields } = objectIn(value, where, 'hit');
  requireIntact(typeof id === 'bigint' || typeof id === 'string', where, 'id: expected an Int64 or text');
  requireIntact(typeof score === 'number', where, 'score: expected a number');
  return { id: id as PrimaryKey, score, fields: objectIn(fields, where, 'fields') as Row };
}

function missingIn(value: unknown, where: string): MissingRows {
  const { file, reason, rows } = objectIn(value, where, 'missing');
  requireIntact(typeof file === 'string' && REASONS.includes(reason) && Number.isSafeInteger(rows), where, 'missing: expected file, reason and rows');
  return { file, reason: reason as MissingRows['reason'], rows: rows as number };
}

function objectIn(value: unknown, where: string, place: string): Readonly<Record<string, unknown>> {
  requireIntact(typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value), where, `${place}: expected an object`);
  return value as Readonly<Record<string, unknown>>;
}

function listIn(value: unknown, where: string, place: string, lengthMax: number): readonly unknown[] {
  requireIntact(Array.isArray(value) && value.length <= lengthMax, where, `${place}: expected a list of at most ${lengthMax}`);
  return value as readonly unknown[];
}
