// Push: the own writes of a copy sent to where it was pulled from, batch by batch in their order. What the server has is
// noted before the next are sent; a push that is cut off is sent again, which changes nothing that came already.

import type { EngineCollection } from '../engine/collection/collection.js';
import type { PushAnswer } from '../engine/api/push.js';
import type { LogRecord } from '../format/log.js';
import { encodePush } from '../format/push.js';
import { ElanusError } from '../model/errors.js';
import type { SendingTransport } from '../ports/transport.js';
import { IDLE_MS } from './network-calls.js';
import { decodeAnswer, PUSH_ANSWER_BYTES_MAX } from './push-answer.js';
import { refusalOf } from './refusal.js';

export interface PushProgress {
  /** Batches that the server has now. */
  readonly batches: number;
  /** Batches that wait. */
  readonly waiting: number;
  readonly bytes: number;
}

export interface PushOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PushProgress) => void;
  /** LSN of the own write that is wanted: if the server has it, nothing is sent. */
  readonly until?: bigint;
}

export interface PushResult {
  readonly batches: number;
  readonly bytes: number;
  /** Batches that the server refused, now on the list of the collection. */
  readonly refused: number;
}

/** Times in a row that a copy may take another number for itself. */
const RENEWALS_MAX = 3;

/** Sends all that waits. Errors: `Network`, `Closed` if aborted, `ReadOnly` if the server lets somebody else alone push as this copy. */
export async function pushOutbox(collection: EngineCollection, transport: SendingTransport, url: string, options: PushOptions): Promise<PushResult> {
  const { outbox } = collection;
  if (outbox === undefined || (options.until !== undefined && outbox.hasSent(options.until))) return { batches: 0, bytes: 0, refused: 0 };
  let [batches, bytes, refused, renewals] = [0, 0, 0, 0];
  const ahead: LogRecord[] = [];
  for (let next = await outbox.next(ahead); next !== undefined; next = await outbox.next(ahead)) {
    const body = encodePush(next.push);
    const answer = await send(transport, url, body, options);
    if (answer.kind === 'foreign') throw new ElanusError('ReadOnly', `${url}: the server knows this copy as somebody else's; what was written stays here`);
    if (answer.kind !== 'taken') {
      if (++renewals > RENEWALS_MAX) throw new ElanusError('Network', `${url}: the server cannot go on with what it has of this copy: ${answer.kind}`);
      await outbox.renew();
      continue;
    }
    const isTold = await outbox.answered(next, answer);
    // What was refused is not shown any more.
    if (isTold) await collection.renewOverlay();
    batches += Number(answer.lastId - next.push.after.id);
    bytes += body.length;
    refused += answer.refused.length;
    options.onProgress?.({ batches, waiting: outbox.unsent, bytes });
  }
  return { batches, bytes, refused };
}

async function send(transport: SendingTransport, url: string, body: Uint8Array<ArrayBuffer>, { headers, signal }: PushOptions): Promise<PushAnswer> {
  if (signal?.aborted) throw new ElanusError('Closed', 'the push was aborted', { cause: signal.reason });
  const response = await transport.post({ url, body, headers: { ...headers, 'content-type': 'application/octet-stream' }, idleMs: IDLE_MS, ...(signal === undefined ? {} : { signal }) });
  const { status } = response;
  if (status === 200 || status === 409 || status === 403) {
    const answer = decodeAnswer(await response.bytes(PUSH_ANSWER_BYTES_MAX), url, status);
    if (answer !== undefined) return answer;
  }
  throw refusalOf(`POST ${url}`, response);
}
