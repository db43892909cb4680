// Watched: what answers a path of copies, counted and timed as the verbs of the other protocols are.

import type { Context, Env } from 'hono';
import { requestIdOf, type Runner } from '../requests.js';

/** What of copies is asked. */
export type CopyVerb = 'head' | 'changes' | 'search' | 'push' | 'manifest' | 'key' | 'files' | 'segments/describe' | 'segments/part' | 'segments/take';

/** What a path names. */
export type OfCollection = '/:name';
export type OfFile = '/:name/:sha256';

/** `isWhole`: to be called when a body is there. */
export function watched<Path extends OfCollection | OfFile>(requests: Runner, verb: CopyVerb, answer: (c: Context<Env, Path>, isWhole: () => void) => Promise<Response>): (c: Context<Env, Path>) => Promise<Response> {
  return (c) => requests.watch({ protocol: 'copies', verb, requestId: requestIdOf(c.req.header('client-request-id'), c.req.header('traceparent')) }, (isWhole) => answer(c, isWhole));
}
