// Route: one path of the REST interface: what it takes, who may use it, what answers it. The schema of the request is what
// a body is checked against and what the OpenAPI document says, so that neither can differ from the other.

import type { Static, TObject, TSchema } from 'typebox';
import type { Rule } from '../access/rule.js';
import type { Call } from '../call.js';

export interface Answer {
  /** Plain data; bigint and typed arrays where the engine gives them. */
  readonly data: unknown;
  /** Of a search: hits of each query, in the order of the queries; `data` holds them one after the other. */
  readonly topks?: readonly number[];
  /** Where Milvus tells what a call cost its tenant; always 0 here. */
  readonly cost?: 0;
}

interface RouteOf<S extends TObject> {
  /** Below `/v2/vectordb/`. */
  readonly path: string;
  /** One sentence, for the document. */
  readonly summary: string;
  readonly request: S;
  /** Of `data` in the answer. Default: an empty object. */
  readonly answer?: TSchema;
  readonly rule: Rule<Static<S>>;
  /** It carries rows, keys or a filter. */
  readonly isLarge?: true;
  /** 'default' for what is about no database that is there: the call gets the default one whatever `dbName` says. */
  readonly database?: 'default';
  run(call: Call, body: Static<S>): Promise<Answer>;
}

/** Of any request. */
export type Route = RouteOf<TObject>;

/** `route`, with `rule` and `run` typed by its own schema. */
export function route<S extends TObject>(given: RouteOf<S>): Route {
  return given as unknown as Route;
}

/** The answer of what only does something. */
export const DONE: Answer = { data: {} };
