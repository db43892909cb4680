// Edge write: what changes a database, as a web-standard handler: `POST` with the arguments of a verb as JSON, answered by
// what the verb gives. For the one place that writes, as a Durable Object.

import type { Collection, CollectionDefinition, Database } from '../engine/api.js';
import { ElanusError, require } from '../model/errors.js';
import type { RowInput } from '../model/row.js';
import { answered, readBody } from './edge-body.js';

/** What a Worker is sent at most is more. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

type Body = Readonly<Record<string, unknown>>;

/** The last part of the path names the verb; `collection` in the body is the collection's name. */
const VERBS: Readonly<Record<string, (collection: Collection, body: Body) => Promise<unknown>>> = {
  insert: (collection, { rows }) => collection.insert(rows as readonly RowInput[]),
  upsert: (collection, { rows }) => collection.upsert(rows as readonly RowInput[]),
  delete: (collection, { collection: _, ...which }) => collection.delete(which as unknown as Parameters<Collection['delete']>[0]),
  flush: async (collection) => {
    await collection.flush();
    return {};
  },
};

/**
 * Answers `create` (a collection's definition), `drop`, `insert` and `upsert` (`rows`), `delete` (`ids` or `filter`) and
 * `flush`; every error that the request caused is answered, none is thrown.
 */
export function answerWrite(database: Database, request: Request): Promise<Response> {
  return answered(async () => {
    require(request.method === 'POST', () => 'method: expected POST');
    const verb = new URL(request.url).pathname.split('/').at(-1) ?? '';
    const body = await readBody(request, BODY_BYTES_MAX);
    if (verb === 'create') return { name: (await database.createCollection(body as unknown as CollectionDefinition)).name };
    const { collection } = body;
    require(typeof collection === 'string', () => 'collection: expected a name');
    if (verb === 'drop') return database.dropCollection(collection).then(() => ({}));
    const work = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
    if (work === undefined) throw new ElanusError('NotFound', `no verb "${verb}", expected create, drop, ${Object.keys(VERBS).join(', ')}`);
    return work(await database.collection(collection), body);
  });
}
