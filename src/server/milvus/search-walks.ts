// SearchWalks: walks through hits by Milvus' search iterator. A client keeps a token, which does not change, and the score of
// the last hit that it got; which rows that have this score it got already is kept here. A walk that is not known any more
// goes on behind the score that the client names, as in Milvus.

import { randomUUID } from 'node:crypto';
import type { Collection, SearchIteratorRequest, SearchPage, SearchPlace } from '../../engine/api.js';
import { isDistance } from '../../model/metric.js';
import type { VectorField } from '../../model/schema.js';
import type { IteratorSettings } from './search-settings.js';

/** Walks that are kept; those longest unused are given up. */
const WALKS_MAX = 4096;
const UNUSED_MS_MAX = 10 * 60_000;

interface Walk {
  /** By the score after which they go on: the last two, as the last answer may have been lost. */
  readonly places: readonly SearchPlace[];
  readonly usedMs: number;
}

export interface WalkPage {
  readonly page: SearchPage;
  readonly token: string;
  /** The score of the last hit; the one asked from if there is none. */
  readonly lastBound: number;
}

export class SearchWalks {
  readonly #walks = new Map<string, Walk>();

  /** The next batch. `nowMs`: of any steady clock. Errors: those of the search. */
  async next(collection: Collection, field: VectorField, request: SearchIteratorRequest, { token, lastBound }: IteratorSettings, nowMs: number): Promise<WalkPage> {
    this.#expire(nowMs);
    const known = token === undefined ? undefined : this.#walks.get(token);
    const held = lastBound === undefined ? undefined : known?.places.find(({ score }) => Math.fround(score) === Math.fround(lastBound));
    const page = lastBound === undefined || held !== undefined ? await collection.searchPage(request, held) : await pageBehind(collection, field, request, lastBound);
    const id = token ?? randomUUID();
    this.#keep(id, { places: [page.next, held].filter((place) => place !== undefined), usedMs: nowMs });
    return { page, token: id, lastBound: page.hits.at(-1)?.score ?? lastBound ?? 0 };
  }

  #keep(id: string, walk: Walk): void {
    this.#walks.delete(id);
    if (walk.places.length > 0) this.#walks.set(id, walk);
    if (this.#walks.size <= WALKS_MAX) return;
    const [oldest] = this.#walks.keys();
    if (oldest !== undefined) this.#walks.delete(oldest);
  }

  #expire(nowMs: number): void {
    for (const [id, { usedMs }] of this.#walks) {
      if (nowMs - usedMs <= UNUSED_MS_MAX) break;
      this.#walks.delete(id);
    }
  }
}

async function pageBehind(collection: Collection, { metric }: VectorField, request: SearchIteratorRequest, bound: number): Promise<SearchPage> {
  const isBehind = isDistance(metric) ? (score: number): boolean => score > bound : (score: number): boolean => score < bound;
  // It names no moment that is held, so that a new one is walked through.
  let place: SearchPlace = { moment: '', hits: 1, score: bound, ids: [] };
  for (;;) {
    const page = await collection.searchPage(request, place);
    const hits = page.hits.filter(({ score }) => isBehind(score));
    if (hits.length > 0 || page.next === undefined) return { ...page, hits };
    place = page.next;
  }
}
