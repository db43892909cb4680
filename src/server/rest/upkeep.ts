// Upkeep: the routes below collections/ that load, release, flush and compact. A compaction goes on in the background; its state
// is told by its number.

import { Type } from 'typebox';
import type { Call } from '../call.js';
import { ofCollection } from './rules.js';
import { DONE, route, type Route } from './route.js';
import { COLLECTION, Count, Flag, Request, Texts } from './schema.js';

const LOADED_PERCENT = 100;

const JOB = Request({ jobID: Count('The number that compact answered with.'), compactionID: Count('As jobID.') });
const STATE = Type.Object({ compactionID: Type.Integer(), state: Type.String(), executingPlanNumber: Type.Integer(), timeoutPlanNumber: Type.Integer(), completedPlanNumber: Type.Integer() });

export const UPKEEP_ROUTES: readonly Route[] = [
  route({
    path: 'collections/load',
    summary: 'Makes a collection ready for searches.',
    request: Request(COLLECTION),
    rule: ofCollection('Load'),
    run: load,
  }),
  route({
    path: 'collections/refresh_load',
    summary: 'The same: a collection that is loaded sees every row that was written.',
    request: Request(COLLECTION),
    rule: ofCollection('Load'),
    run: load,
  }),
  route({
    path: 'collections/release',
    summary: 'Frees the memory of a collection; reads are refused until it is loaded.',
    request: Request(COLLECTION),
    rule: ofCollection('Release'),
    async run({ database }, { collectionName }) {
      await database.releaseCollection(collectionName);
      return DONE;
    },
  }),
  route({
    path: 'collections/get_load_state',
    summary: 'Whether a collection, or some of its partitions, can be searched.',
    request: Request({ ...COLLECTION, partitionNames: Texts('Partitions; default: all.') }),
    answer: Type.Object({ loadState: Type.String(), loadProgress: Type.Optional(Type.Integer()) }),
    rule: ofCollection('GetLoadState'),
    run: loadState,
  }),
  route({
    path: 'collections/flush',
    summary: 'Seals what was written, so that it can be indexed and copied.',
    request: Request(COLLECTION),
    rule: ofCollection('Flush'),
    async run({ database }, { collectionName }) {
      await (await database.collection(collectionName)).flush();
      return DONE;
    },
  }),
  route({
    path: 'collections/compact',
    summary: 'Begins to merge the segments of a collection.',
    request: Request({ ...COLLECTION, isClustering: Flag('Taken; segments are merged in the order of their rows.') }),
    answer: Type.Object({ compactionID: Type.Integer() }),
    rule: ofCollection('Compaction'),
    run: async ({ database, databaseName, services }, { collectionName }) => ({ data: { compactionID: services.compactions.start(databaseName, await database.collection(collectionName)) } }),
  }),
  route({
    path: 'collections/get_compaction_state',
    summary: 'How far a compaction is.',
    request: JOB,
    answer: STATE,
    rule: { privilege: 'LoggedIn' },
    async run({ caller, services }, { jobID, compactionID = jobID }) {
      const { id, state, executing, completed } = services.compactions.describe(compactionID, caller);
      return { data: { compactionID: id, state, executingPlanNumber: executing, timeoutPlanNumber: 0, completedPlanNumber: completed } };
    },
  }),
];

async function load({ database }: Call, { collectionName }: { readonly collectionName: string }): Promise<typeof DONE> {
  await database.loadCollection(collectionName);
  return DONE;
}

async function loadState({ database }: Call, { collectionName, partitionNames = [] }: { readonly collectionName: string; readonly partitionNames?: readonly string[] }) {
  // Errors: a collection that is not there, which getLoadState would call a state.
  await database.describeCollection(collectionName);
  const states = partitionNames.length === 0 ? [await database.getLoadState(collectionName)] : await Promise.all(partitionNames.map((partition) => database.getLoadState(collectionName, partition)));
  const loaded = states.every((state) => state === 'LoadStateLoaded');
  return { data: loaded ? { loadState: 'LoadStateLoaded', loadProgress: LOADED_PERCENT } : { loadState: 'LoadStateNotLoad' } };
}
