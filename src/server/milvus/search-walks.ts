// SearchWalks: walks through hits by Milvus' search iterator. A client keeps a token, which does not change, and the score of
// the last hit that it got; which rows that have this score it got already is kept here. A walk that is not known any more
// goes on behind the score that the client names, as in Milvus, by the token that the client has. Walks are of a user: nobody comes
// upon another's, and who has many, or large ones, loses his own.

import { randomUUID } from 'node:crypto';
import type { Collection, SearchIteratorRequest, SearchPage, SearchPlace } from '../../engine/api.js';
import { isDistance } from '../../model/metric.js';
import type { VectorField } from '../../model/schema.js';
import type { IteratorSettings } from './search-settings.js';

/** What is kept; the walks longest unused are given up. */
interface WalkLimits {
  readonly walksMax: number;
  /** Of the keys that have been given at a score. */
  readonly bytesMax: number;
}

const LIMITS: WalkLimits = { walksMax: 4096, bytesMax: 64 * 1024 * 1024 };
const LIMITS_OF_USER: WalkLimits = { walksMax: 512, bytesMax: 16 * 1024 * 1024 };
const KEY_BYTES = 16;
const UNUSED_MS_MAX = 10 * 60_000;

interface Walk {
  /** By the score after which they go on: the last two, as the last answer may have been lost. */
  readonly places: readonly SearchPlace[];
  readonly usedMs: number;
  readonly user: string;
  readonly sizeBytes: number;
}

export interface WalkPage {
  readonly page: SearchPage;
  readonly token: string;
  /** The score of the last hit; the one asked from if there is none. */
  readonly lastBound: number;
}

export class SearchWalks {
  /** By user and token, in order of their last use. */
  readonly #walks = new Map<string, Walk>();

  /** The next batch. `nowMs`: of any steady clock. Errors: those of the search. */
  async next(user: string, collection: Collection, field: VectorField, request: SearchIteratorRequest, { token, lastBound }: IteratorSettings, nowMs: number): Promise<WalkPage> {
    this.#expire(nowMs);
    const known = token === undefined ? undefined : this.#walks.get(keyOf(user, token));
    const held = lastBound === undefined ? undefined : known?.places.find(({ score }) => Math.fround(score) === Math.fround(lastBound));
    const page = lastBound === undefined || held !== undefined ? await collection.searchPage(request, held) : await pageBehind(collection, field, request, lastBound);
    const id = token ?? randomUUID();
    const places = [page.next, held].filter((place) => place !== undefined);
    this.#keep(keyOf(user, id), { places, usedMs: nowMs, user, sizeBytes: sizeOf(places) });
    return { page, token: id, lastBound: page.hits.at(-1)?.score ?? lastBound ?? 0 };
  }

  #keep(key: string, walk: Walk): void {
    this.#walks.delete(key);
    if (walk.places.length === 0) return;
    this.#walks.set(key, walk);
    this.#giveUp([...this.#walks].filter(([, { user }]) => user === walk.user), LIMITS_OF_USER);
    this.#giveUp([...this.#walks], LIMITS);
  }

  #giveUp(walks: readonly (readonly [string, Walk])[], { walksMax, bytesMax }: WalkLimits): void {
    let count = walks.length;
    let bytes = walks.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0);
    for (const [key, { sizeBytes }] of walks) {
      if (count <= walksMax && bytes <= bytesMax) return;
      this.#walks.delete(key);
      count--;
      bytes -= sizeBytes;
    }
  }

  #expire(nowMs: number): void {
    for (const [id, { usedMs }] of this.#walks) {
      if (nowMs - usedMs <= UNUSED_MS_MAX) break;
      this.#walks.delete(id);
    }
  }
}

/** Names of users have no such character. */
function keyOf(user: string, token: string): string {
  return `${user}\n${token}`;
}

function sizeOf(places: readonly SearchPlace[]): number {
  return places.reduce((sum, { ids }) => ids.reduce<number>((bytes, id) => bytes + KEY_BYTES + (typeof id === 'string' ? 2 * id.length : 0), sum), 0);
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
