// Ack: what has happened to a batch when its write resolves.

import { ElanusError, require } from './errors.js';

/** 'memory': applied, and visible; durable a moment later. 'flushed': durable too, and all before it. */
export type Ack = 'memory' | 'flushed';

/** What may be asked for. 'remote': kept by a server too. */
export type AckRequest = Ack | 'remote';

/** Errors: `Unsupported` for 'remote', which comes with synchronisation; `InvalidArgument` for what is none. */
export function checkAck(asked: unknown): Ack {
  if (asked === 'remote') throw new ElanusError('Unsupported', 'ack: "remote" needs a server that takes writes, which this release does not sync with; use "flushed"');
  require(asked === 'memory' || asked === 'flushed', () => `ack: expected "memory" or "flushed", found ${JSON.stringify(asked)}`);
  return asked;
}
