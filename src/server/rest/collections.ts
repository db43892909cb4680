// Collections: the verbs below /v2/vectordb/collections/.

import { definitionFrom, describedCollection } from './definition.js';
import { textOf } from './parameters.js';
import type { Verbs } from './verb.js';

export const COLLECTION_VERBS: Verbs = {
  'collections/create': async (database, body) => {
    await database.createCollection(definitionFrom(body));
    return { data: {} };
  },
  'collections/drop': async (database, body) => {
    await database.dropCollection(textOf(body, 'collectionName'));
    return { data: {} };
  },
  'collections/has': async (database, body) => ({ data: { has: await database.hasCollection(textOf(body, 'collectionName')) } }),
  'collections/list': async (database) => ({ data: await database.listCollections() }),
  'collections/describe': async (database, body) => ({ data: describedCollection(await database.describeCollection(textOf(body, 'collectionName'))) }),
  'collections/get_stats': async (database, body) => {
    const collection = await database.collection(textOf(body, 'collectionName'));
    return { data: { rowCount: await collection.count() } };
  },
  'collections/flush': async (database, body) => {
    const collection = await database.collection(textOf(body, 'collectionName'));
    await collection.flush();
    return { data: {} };
  },
};
