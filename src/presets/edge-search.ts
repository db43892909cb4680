// Edge search: `POST /search` as a web-standard handler: the options of `Collection.search` as JSON, with the name of
// the collection, answered by its SearchResult as JSON. Int64 values keep all their digits.

import type { Database } from '../engine/api.js';
import { require } from '../model/errors.js';
import type { Vector } from '../model/row.js';
import { answered, readBody } from './edge-body.js';

const BODY_BYTES_MAX = 1024 * 1024;

/** Answers a search; every error that the request caused is answered, none is thrown. */
export function answerSearch(database: Database, request: Request): Promise<Response> {
  return answered(async () => {
    const { collection, ...search } = await readBody(request, BODY_BYTES_MAX);
    require(typeof collection === 'string', () => 'collection: expected a name');
    return (await database.collection(collection)).search(search as { readonly data: Vector });
  });
}
