// Verb: what answers one path of the REST interface.

import type { Database } from '../../engine/api.js';
import type { JsonObject } from '../json.js';

export interface Answer {
  /** Plain data; bigint and Float32Array where the engine gives them. */
  readonly data: unknown;
  /** Of a search: hits of each query, in the order of the queries; `data` holds them one after the other. */
  readonly topks?: readonly number[];
}

/** By path below `/v2/vectordb/`. */
export type Verbs = Readonly<Record<string, (database: Database, body: JsonObject) => Promise<Answer>>>;
