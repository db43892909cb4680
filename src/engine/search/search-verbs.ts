// Search verbs: a search of any kind, from what a caller asked to what it gets.

import type { Hit } from '../../model/hit.js';
import type { HybridOptions } from '../api/hybrid.js';
import type { PartialAnswer, SearchOptions, SearchResult } from '../api/search.js';
import type { CollectionState } from '../collection/collection-state.js';
import { isKind, planHybrid, planKind, type KindPlan, type Plan } from './kind-plan.js';
import { runKind } from './kind-search.js';
import { scoped, type Filtered } from '../collection/scope.js';
import type { CheckedFilter } from '../../query/check.js';
import { withData } from './search-by-ids.js';
import { planSearch, type SearchPlan } from './search-plan.js';
import type { Meters } from './search-trace.js';
import { runSearch, type Engines, type SearchAnswer } from './search.js';

type Hits = readonly Hit[] | readonly (readonly Hit[])[];

interface Answered {
  readonly answer: SearchAnswer;
  /** As of its beginning. */
  readonly partial: PartialAnswer | undefined;
}

/** What searches of a collection go through. */
export interface Searching {
  readonly state: CollectionState;
  readonly engines: Engines;
  /** Told of every search when it is answered. */
  readonly searched: (plan: SearchPlan) => void;
}

/** `among`: besides its filter. */
export async function answerSearch(searching: Searching, given: SearchOptions & { readonly data?: unknown; readonly ids?: unknown }, among: readonly CheckedFilter[] = []): Promise<SearchResult<Hits>> {
  const { state, engines, searched } = searching;
  const request = await withData(state, given, engines.core.predicates);
  if (isKind(request)) return answerKind(searching, () => planKind(state.schema, planner(state), request));
  const run = async (plan: SearchPlan): Promise<Answered> => ({ partial: state.partial([plan.field.name]), answer: await runSearch(state, plan, engines) });
  const [plan, answered] = await byOneMetric(searching, () => planner(state, undefined, among)(request), (made) => [made], run);
  searched(plan);
  return resultOf(state, answered, plan.single);
}

export async function answerHybrid(searching: Searching, request: HybridOptions): Promise<SearchResult<Hits>> {
  const { state, engines } = searching;
  const asked = isObject(request) && Array.isArray(request.searches) ? { ...request, searches: await Promise.all(request.searches.map((search) => withData(state, search, engines.core.predicates))) } : request;
  return answerKind(searching, () => planHybrid(state.schema, planner(state, request?.partitionNames), asked));
}

async function answerKind(searching: Searching, make: () => KindPlan): Promise<SearchResult<Hits>> {
  const { state, engines, searched } = searching;
  const run = async (plan: KindPlan): Promise<Answered> => ({ partial: state.partial(plan.searches.map((search) => search.plan.field.name)), answer: await runKind(state, plan, engines.core, metersOf(state)) });
  const [plan, answered] = await byOneMetric(searching, make, ({ searches }) => searches.map((search) => search.plan), run);
  for (const search of plan.searches) searched(search.plan);
  return resultOf(state, answered, plan.single);
}

/** Runs what `make` plans; again where a field got another metric meanwhile, which would rank by the one what was scored by the other. */
async function byOneMetric<P>({ state, engines }: Searching, make: () => P, plansOf: (plan: P) => readonly SearchPlan[], run: (plan: P) => Promise<Answered>): Promise<readonly [P, Answered]> {
  for (;;) {
    const plan = make();
    const isCurrent = (): boolean => plansOf(plan).every(({ field }) => !state.ownTable.schema.fields.some(({ name, metric }) => name === field.name && metric !== field.metric));
    // The manifest has it first.
    if (!isCurrent()) {
      await engines.pause();
      continue;
    }
    try {
      const answered = await run(plan);
      if (isCurrent()) return [plan, answered];
    } catch (error) {
      if (isCurrent()) throw error;
    }
  }
}

/** Checks searches of the collection. */
export function planner(state: CollectionState, partitionNames?: readonly string[], among: readonly CheckedFilter[] = []): Plan {
  const { schema, manifests } = state;
  const within = <R extends SearchOptions>(request: R): R & Filtered => {
    const asked = scoped(state, partitionNames === undefined ? request : { partitionNames, ...request });
    return among.length === 0 ? asked : { ...asked, within: [...(asked.within ?? []), ...among] };
  };
  return (request) => planSearch(schema, manifests.manifest.indexes ?? [], isObject(request) ? within(request) : request);
}

// What is no object is refused by planSearch.
function isObject(request: unknown): boolean {
  return typeof request === 'object' && request !== null;
}

function resultOf(state: CollectionState, { answer: { hits, recall, explain }, partial }: Answered, single: boolean): SearchResult<Hits> {
  const missing = state.missingRows();
  return { hits: single ? (hits[0] as readonly Hit[]) : hits, recall, ...(partial === undefined ? {} : { partial }), ...(explain === undefined ? {} : { explain }), ...(missing.length === 0 ? {} : { missing }) };
}

/** What is read of a collection, by the clock of its runtime. */
export function metersOf({ environment: { ambient }, files }: CollectionState): Meters {
  return { nowMs: () => ambient.nowMs(), bytesRead: () => files.bytesRead };
}
