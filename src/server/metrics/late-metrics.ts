// LateMetrics: the metrics of a server, whose library is loaded once the server is ready, or when they are read before that. What is
// answered meanwhile is kept and counted then.

import type { Database } from '../../engine/api.js';
import type { Admission } from '../admission.js';
import { late } from '../../platform/late.js';
import type { PortCounts } from '../port/port.js';
import type { Metrics } from './metrics.js';

/** A request that is answered. */
export interface Answered {
  readonly protocol: 'grpc' | 'rest' | 'copies';
  /** Its name in the table of its protocol. */
  readonly verb: string;
  /** Milvus' code; 0 if it succeeded. */
  readonly code: number;
  readonly ms: number;
}

export interface MetricSources {
  /** Undefined until it is open. */
  readonly database: () => Database | undefined;
  readonly port: () => PortCounts | undefined;
  readonly admission: Admission;
}

/** What Prometheus reads. */
export interface Exposition {
  readonly text: string;
  readonly contentType: string;
}

/** What is kept at most until the library is there: it takes a moment. */
const KEPT_MAX = 10_000;

export class LateMetrics {
  readonly #kept: Answered[] = [];
  /** Errors: those of loading a module. */
  readonly load: () => Promise<Metrics>;
  #metrics: Metrics | undefined;

  constructor(sources: MetricSources) {
    this.load = late(async () => {
      const { Metrics } = await import('./metrics.js');
      const metrics = new Metrics(sources);
      for (const request of this.#kept.splice(0)) metrics.answered(request);
      this.#metrics = metrics;
      return metrics;
    });
  }

  answered(request: Answered): void {
    if (this.#metrics !== undefined) this.#metrics.answered(request);
    else if (this.#kept.length < KEPT_MAX) this.#kept.push(request);
  }

  async read(): Promise<Exposition> {
    return (await this.load()).read();
  }
}
