// SearchPages: walks through the hits of a search, page by page. Where a walk stands is with its caller: the score that it
// has come to, and the keys that have it. What is held for it here is the moment that it walks through, so that rows written
// later do not come into it. A moment that was given up, as it was not used for long or there are too many, or as another
// tab has taken over, costs no more than that: the walk goes on through the rows of now, further than it has come.

import { isDistance } from '../../model/metric.js';
import { require } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import type { Hit } from '../../model/hit.js';
import type { PrimaryKey } from '../../model/row.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { Core } from '../../ports/core.js';
import type { Ambient } from '../../ports/ambient.js';
import type { SearchIteratorRequest, SearchPage, SearchPlace } from '../api/iterate.js';
import { checkBatches } from '../read/batches.js';
import type { Ranked } from './candidates.js';
import type { CollectionState } from '../collection/collection-state.js';
import { fetchRows } from '../read/fetch.js';
import { rankAt } from './group-search.js';
import { checkKeys } from '../read/lookup.js';
import { isKind, type Plan } from './kind-plan.js';
import { Moment } from './moment.js';
import { keyPath, valuesAt } from './place-values.js';
import type { SearchPlan } from './search-plan.js';

/** Moments that a collection holds at once. */
const MOMENTS_MAX = 64;
/** For how long a moment is held that is not used. */
const UNUSED_MS_MAX = 10 * 60_000;
const ID_BYTES = 12;
/** Pages that are looked for at once after the first, as each look goes through what came before. */
const PAGES_AT_ONCE = 4;

interface Walk {
  readonly moment: Moment;
  usedMs: number;
  ahead: Ahead | undefined;
}

/** Hits that were found beyond a page. */
interface Ahead {
  /** The search that found them. */
  readonly asked: string;
  /** Hits before them. */
  readonly at: number;
  readonly hits: readonly Ranked[];
  /** Nothing follows them. */
  readonly whole: boolean;
  readonly recall: number;
}

export class HitWalks {
  readonly #state: CollectionState;
  readonly #core: Core;
  readonly #ambient: Ambient;
  readonly #walks = new Map<string, Walk>();

  constructor(state: CollectionState, core: Core) {
    this.#state = state;
    this.#core = core;
    this.#ambient = state.environment.ambient;
  }

  /** The hits after `place`, `batchSize` at most; from the first if it is undefined. Errors: those of a search. */
  async page(plan: Plan, request: SearchIteratorRequest, place: SearchPlace | undefined): Promise<SearchPage> {
    require(!isKind(request), () => 'searchIterator: Not allowed to do groupBy, rerank, highlight or explain when doing iteration');
    const { batchSize } = checkBatches(request);
    const { limit: _, batchSize: __, ...rest } = request;
    const checked = plan({ ...rest, limit: batchSize });
    require(checked.single, () => 'searchIterator: expected one vector, as iterating over several searches is not supported');
    const before = place === undefined ? undefined : checkPlace(place, this.#state.schema);
    const [id, walk] = this.#walk(before);
    const asked = JSON.stringify(rest, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    const { ahead, hits, answered } = await walk.moment.use(async () => {
      const ahead = serves(walk.ahead, asked, before, batchSize) ? walk.ahead : await this.#look(walk, checked, asked, before, batchSize);
      const hits = ahead.hits.slice(0, batchSize);
      return { ahead, hits, answered: await this.#hitsOf(hits, checked) };
    });
    const next = ahead.whole && hits.length === ahead.hits.length ? undefined : placeAfter(id, before, answered, hits);
    // The last page may be asked for again, by who did not get it.
    if (next === undefined && before === undefined) this.close(id);
    if (next !== undefined) walk.ahead = { ...ahead, at: next.hits, hits: ahead.hits.slice(batchSize) };
    const missing = this.#state.missingRows();
    return { hits: answered, next, recall: ahead.recall, ...(missing.length === 0 ? {} : { missing }) };
  }

  /** Gives up a moment, if it is held. */
  close(moment: string): void {
    this.#walks.get(moment)?.moment.close();
    this.#walks.delete(moment);
  }

  /** Gives up those that were not used for long. */
  expire(): void {
    if (this.#walks.size === 0) return;
    const now = this.#ambient.nowMs();
    for (const [id, { usedMs }] of this.#walks) if (now - usedMs > UNUSED_MS_MAX) this.close(id);
  }

  closeAll(): void {
    for (const id of this.#walks.keys()) this.close(id);
  }

  // The walk of a place, or a new one through the rows of now. Used last, it is the last to be given up.
  #walk(place: SearchPlace | undefined): readonly [string, Walk] {
    this.expire();
    const known = place && this.#walks.get(place.moment);
    const id = place !== undefined && known !== undefined ? place.moment : hex(this.#ambient.randomBytes(ID_BYTES));
    const walk = known ?? { moment: new Moment(this.#state.table().segments()), usedMs: 0, ahead: undefined };
    walk.usedMs = this.#ambient.nowMs();
    this.#walks.delete(id);
    this.#walks.set(id, walk);
    const [oldest] = this.#walks.keys();
    if (this.#walks.size > MOMENTS_MAX && oldest !== undefined) this.close(oldest);
    return [id, walk];
  }

  async #look({ moment }: Walk, plan: SearchPlan, asked: string, before: SearchPlace | undefined, batchSize: number): Promise<Ahead> {
    const wanted = before === undefined ? batchSize : Math.min(LIMITS.topKMax, batchSize * PAGES_AT_ONCE);
    const from = before === undefined ? plan : { ...plan, range: { ...plan.range, rangeFilter: nearest(plan, before.score) } };
    const k = wanted + (before?.ids.length ?? 0);
    const found = await rankAt(this.#state, moment, from, k, this.#core);
    const hits = before === undefined ? found.hits : await this.#without(found.hits, before);
    return { asked, at: before?.hits ?? 0, hits, whole: found.hits.length < k, recall: found.recall };
  }

  // Those of the last score that were given are at the beginning.
  async #without(hits: readonly Ranked[], { score, ids }: SearchPlace): Promise<readonly Ranked[]> {
    const given = new Set(ids);
    const equal = hits.filter((hit) => hit.score === score);
    const keys = await valuesAt(this.#state, equal, keyPath(this.#state.schema));
    return hits.filter((_, at) => !given.has(keys[at] as PrimaryKey));
  }

  async #hitsOf(hits: readonly Ranked[], { schema, output, hitOutput }: SearchPlan): Promise<readonly Hit[]> {
    const rows = await fetchRows(this.#state, hits, hitOutput);
    const { name } = primaryField(schema);
    return hits.flatMap(({ score }, at): Hit[] => {
      const row = rows[at];
      if (row === undefined) return [];
      const { [name]: id, ...rest } = row;
      return [{ id: id as PrimaryKey, score, fields: hitOutput === output ? row : rest }];
    });
  }
}

function serves(ahead: Ahead | undefined, asked: string, before: SearchPlace | undefined, batchSize: number): ahead is Ahead {
  return ahead !== undefined && before !== undefined && ahead.at === before.hits && ahead.asked === asked && (ahead.whole || ahead.hits.length >= batchSize);
}

/** The nearer end of what follows a score, within what was asked for. */
function nearest({ metric, range }: SearchPlan, score: number): number {
  const asked = range?.rangeFilter;
  if (asked === undefined) return score;
  return isDistance(metric) ? Math.max(asked, score) : Math.min(asked, score);
}

function placeAfter(moment: string, before: SearchPlace | undefined, answered: readonly Hit[], hits: readonly Ranked[]): SearchPlace {
  // A page all of whose rows are damaged still moves on.
  const score = (hits.at(-1) as Ranked).score;
  const ids = answered.filter((hit) => hit.score === score).map(({ id }) => id);
  return { moment, hits: (before?.hits ?? 0) + hits.length, score, ids: before?.score === score ? [...before.ids, ...ids] : ids };
}

// What has gone through JSON has its keys as numbers.
function checkPlace(place: SearchPlace, schema: Schema): SearchPlace {
  const { moment, hits, score, ids } = place;
  const fits = typeof moment === 'string' && Number.isSafeInteger(hits) && hits >= 0 && typeof score === 'number' && Array.isArray(ids);
  require(fits, () => 'searchPage: expected a place as `next` of a page before has it');
  return { moment, hits, score, ids: checkKeys(schema, ids) };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
