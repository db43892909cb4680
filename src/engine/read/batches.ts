// Batches: iterators over pages that a collection gives one by one, the same in process and in a page.

import { require } from '../../model/errors.js';
import type { Hit } from '../../model/hit.js';
import { LIMITS } from '../../model/limits.js';
import type { PrimaryKey, Row } from '../../model/row.js';
import type { BatchOptions, Batches, QueryIteratorOptions, SearchIteratorRequest, SearchPage, SearchPlace } from '../api/iterate.js';
import type { Collection } from '../api/collection.js';

const BATCH_DEFAULT = 1000;

/** `read` gives the next items, or undefined after the last; `end` frees what is held. */
export function batchesOf<T>(read: () => Promise<readonly T[] | undefined>, end: () => Promise<void>): Batches<T> {
  let ended: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const close = (): Promise<void> => (ended ??= end());
  const step = async (): Promise<IteratorResult<readonly T[], undefined>> => {
    if (ended !== undefined) return { done: true, value: undefined };
    try {
      const value = await read();
      if (value !== undefined) return { done: false, value };
    } catch (error) {
      await close();
      throw error;
    }
    await close();
    return { done: true, value: undefined };
  };
  const next = (): Promise<IteratorResult<readonly T[], undefined>> => {
    const step_ = last.then(step);
    last = step_.catch(() => undefined);
    return step_;
  };
  const returned = async (): Promise<IteratorResult<readonly T[], undefined>> => {
    await close();
    return { done: true, value: undefined };
  };
  return { next, close, [Symbol.asyncIterator]: () => ({ next, return: returned }) };
}

/** Errors: `InvalidArgument`. */
export function checkBatches({ batchSize = BATCH_DEFAULT, limit }: BatchOptions): { readonly batchSize: number; readonly limit: number } {
  require(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= LIMITS.topKMax, () => `batchSize: expected 1 to ${LIMITS.topKMax}, found ${String(batchSize)}`);
  require(limit === undefined || limit === -1 || (Number.isSafeInteger(limit) && limit >= 1), () => `limit: expected 1 or more, or -1 for all, found ${String(limit)}`);
  return { batchSize, limit: limit === undefined || limit === -1 ? Number.MAX_SAFE_INTEGER : limit };
}

/** Rows by primary key: the keys of all that match now are held, 8 bytes each or the text, and read page by page. */
export async function queryBatches({ keys: listKeys, get }: Pick<Collection, 'keys' | 'get'>, options: QueryIteratorOptions): Promise<Batches<Row>> {
  require(typeof options === 'object' && options !== null, () => 'queryIterator: expected an object');
  const { filter, filterParams, outputFields, partitionNames, consistencyLevel } = options;
  const { batchSize, limit } = checkBatches(options);
  const filtered = { ...(filter === undefined ? {} : { filter }), ...(filterParams === undefined ? {} : { filterParams }), ...(partitionNames === undefined ? {} : { partitionNames }), ...(consistencyLevel === undefined ? {} : { consistencyLevel }) };
  const asked = { ...filtered, ...(outputFields === undefined ? {} : { outputFields }) };
  // What is asked for is checked before anything is given.
  await get({ ids: [], ...asked });
  let keys: BigInt64Array | readonly string[] = await listKeys(filtered);
  let at = 0;
  let left = limit;
  const read = async (): Promise<readonly Row[] | undefined> => {
    while (at < keys.length && left > 0) {
      const count = Math.min(batchSize, left);
      const ids = Array.from<PrimaryKey>(keys.slice(at, at + count) as ArrayLike<PrimaryKey>);
      const rows = await get({ ids, ...asked });
      at += count;
      left -= rows.length;
      if (rows.length > 0) return rows;
    }
    return undefined;
  };
  return batchesOf(read, async () => void (keys = []));
}

export interface SearchPages {
  readonly searchPage: (request: SearchIteratorRequest, place: SearchPlace | undefined) => Promise<SearchPage>;
  readonly closePage: (place: SearchPlace) => Promise<void>;
}

/** Hits, nearest first. The first page is read at once, so that the walk is through the rows of now. */
export async function searchBatches({ searchPage, closePage }: SearchPages, request: SearchIteratorRequest): Promise<Batches<Hit>> {
  require(typeof request === 'object' && request !== null, () => 'searchIterator: expected an object with data');
  const { batchSize, limit } = checkBatches(request);
  const sized = (given: number): SearchIteratorRequest => ({ ...request, batchSize: Math.min(batchSize, limit - given) });
  let page: SearchPage | undefined = await searchPage(sized(0), undefined);
  let given = 0;
  let place = page.next;
  let held = place;
  const read = async (): Promise<readonly Hit[] | undefined> => {
    const found = page ?? (place === undefined || given === limit ? undefined : await searchPage(sized(given), place));
    page = undefined;
    if (found === undefined || found.hits.length === 0) return undefined;
    place = found.next;
    held = place ?? held;
    given += found.hits.length;
    return found.hits;
  };
  return batchesOf(read, async () => {
    page = undefined;
    if (held !== undefined) await closePage(held);
  });
}
