// Ack: what has happened to a batch when its write resolves.

import { require } from './errors.js';

/** 'memory': applied, and visible; durable a moment later. 'flushed': durable too, and all before it. */
export type Ack = 'memory' | 'flushed';

/** What may be asked for. 'remote': durable here, and kept by the server that the collection is a copy from. */
export type AckRequest = Ack | 'remote';

/** Errors: `InvalidArgument` for what is none. */
export function checkAck(asked: unknown): AckRequest {
  require(asked === 'memory' || asked === 'flushed' || asked === 'remote', () => `ack: expected "memory", "flushed" or "remote", found ${JSON.stringify(asked)}`);
  return asked;
}
