// Partitions: the routes below partitions/.

import { Type } from 'typebox';
import { ofCollection } from './rules.js';
import { DONE, route, type Route } from './route.js';
import { COLLECTION, Name, Request } from './schema.js';

const PARTITION = { ...COLLECTION, partitionName: Name('The partition.') };
const PARTITIONS = { ...COLLECTION, partitionNames: Type.Array(Type.String(), { minItems: 1, description: 'The partitions.' }) };

export const PARTITION_ROUTES: readonly Route[] = [
  route({
    path: 'partitions/create',
    summary: 'Makes a partition. One that is there is no error.',
    request: Request(PARTITION),
    rule: ofCollection('CreatePartition'),
    async run({ database }, { collectionName, partitionName }) {
      await database.createPartition(collectionName, partitionName);
      return DONE;
    },
  }),
  route({
    path: 'partitions/drop',
    summary: 'Removes a partition and its rows. One that is not there is no error.',
    request: Request(PARTITION),
    rule: ofCollection('DropPartition'),
    async run({ database }, { collectionName, partitionName }) {
      await database.dropPartition(collectionName, partitionName);
      return DONE;
    },
  }),
  route({
    path: 'partitions/has',
    summary: 'Whether a partition is there.',
    request: Request(PARTITION),
    answer: Type.Object({ has: Type.Boolean() }),
    rule: ofCollection('HasPartition'),
    run: async ({ database }, { collectionName, partitionName }) => ({ data: { has: await database.hasPartition(collectionName, partitionName) } }),
  }),
  route({
    path: 'partitions/list',
    summary: 'The names of the partitions of a collection.',
    request: Request(COLLECTION),
    answer: Type.Array(Type.String()),
    rule: ofCollection('ShowPartitions'),
    run: async ({ database }, { collectionName }) => ({ data: await database.listPartitions(collectionName) }),
  }),
  route({
    path: 'partitions/get_stats',
    summary: 'How many rows a partition has.',
    request: Request(PARTITION),
    answer: Type.Object({ rowCount: Type.Integer() }),
    rule: ofCollection('GetStatistics'),
    run: async ({ database }, { collectionName, partitionName }) => ({ data: { rowCount: (await database.getPartitionStats(collectionName, partitionName)).rows } }),
  }),
  route({
    path: 'partitions/load',
    summary: 'Makes partitions ready for searches.',
    request: Request(PARTITIONS),
    rule: ofCollection('Load'),
    async run({ database }, { collectionName, partitionNames }) {
      await database.loadPartitions(collectionName, partitionNames);
      return DONE;
    },
  }),
  route({
    path: 'partitions/release',
    summary: 'Takes partitions out of searches until they are loaded.',
    request: Request(PARTITIONS),
    rule: ofCollection('Release'),
    async run({ database }, { collectionName, partitionNames }) {
      await database.releasePartitions(collectionName, partitionNames);
      return DONE;
    },
  }),
];
