// Requests: what every verb of every protocol runs within: its turn among the others, its time and outcome in the metrics,
// a line in the log at level debug. None of them holds what the request says.

import type { Ambient } from '../ports/ambient.js';
import type { Admission } from './admission.js';
import { BodyMemory, type HeldBody } from './body-memory.js';
import { REQUEST_BYTES_MAX } from './body.js';
import type { LateMetrics } from './metrics/late-metrics.js';
import { failureOf } from './status.js';

export interface RequestName {
  /** 'copies': what copies are fetched and pushed by. */
  readonly protocol: 'grpc' | 'rest' | 'copies';
  /** Its name in the table of its protocol. */
  readonly verb: string;
  /** As `requestIdOf` gives it. */
  readonly requestId: string;
}

/** What verbs run within. */
export interface Runner {
  /** Size of a request; a larger one is refused before it is read. */
  readonly bytesMax: number;
  /** Counts what `work` answers, and times it from when it says that the request is whole. Errors: those of `work`. */
  watch<T>(name: RequestName, work: (isWhole: () => void) => Promise<T>): Promise<T>;
  /** Of the request's body, until it is released. */
  holdBody(): HeldBody;
  /** Runs `work` when it is its turn. Errors: those of `work` and of `Admission.run`. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** What a body takes is given back when it is answered. */
export async function withBody<T>(requests: Runner, work: (held: HeldBody) => Promise<T>): Promise<T> {
  const held = requests.holdBody();
  try {
    return await work(held);
  } finally {
    held.release();
  }
}

/** Where nobody counts or waits. */
export const plainRunner: Runner = { bytesMax: REQUEST_BYTES_MAX, watch: (_name, work) => work(() => {}), holdBody: () => ({ add: () => {}, release: () => {} }), run: (work) => work() };

export class Requests implements Runner {
  readonly #admission: Admission;
  readonly #metrics: LateMetrics;
  readonly #log: Ambient['log'];
  readonly bytesMax: number;
  readonly #bodies: BodyMemory;

  constructor(admission: Admission, metrics: LateMetrics, log: Ambient['log'], bytesMax = REQUEST_BYTES_MAX, bodies = new BodyMemory()) {
    this.bytesMax = bytesMax;
    this.#bodies = bodies;
    this.#admission = admission;
    this.#metrics = metrics;
    this.#log = log;
  }

  holdBody(): HeldBody {
    return this.#bodies.hold();
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#admission.run(work);
  }

  async watch<T>(name: RequestName, work: (isWhole: () => void) => Promise<T>): Promise<T> {
    let beganMs = performance.now();
    try {
      const answer = await work(() => (beganMs = performance.now()));
      this.#answered(name, 0, beganMs);
      return answer;
    } catch (error) {
      this.#answered(name, failureOf(error).status, beganMs);
      throw error;
    }
  }

  #answered({ protocol, verb, requestId }: RequestName, code: number, beganMs: number): void {
    const ms = performance.now() - beganMs;
    this.#metrics.answered({ protocol, verb, code, ms });
    this.#log('debug', 'answered', { request: requestId, protocol, verb, code, ms: Math.round(ms * 1000) / 1000 });
  }
}

const PLAIN = /^[A-Za-z0-9._:-]{1,64}$/;
/** W3C Trace Context: version, trace, parent, flags. */
const TRACE = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/** By which a request is found in the log: as the client calls it (`client-request-id`), else its trace (`traceparent`), else new. What is no plain word is not taken over. */
export function requestIdOf(clientRequestId: string | undefined, traceparent: string | undefined): string {
  if (clientRequestId !== undefined && PLAIN.test(clientRequestId)) return clientRequestId;
  return TRACE.exec(traceparent ?? '')?.[1] ?? crypto.randomUUID();
}

/** The log of one request. */
export function logOf(log: Ambient['log'], requestId: string): Ambient['log'] {
  return (level, message, fields) => log(level, message, { request: requestId, ...fields });
}
