// Metrics: what Prometheus reads at /metrics. Labels have values of closed sets alone, protocols, verbs of the tables and
// outcomes, never what a request says: so their number is bounded, and no name and no row of a user is in them.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Admission } from '../admission.js';
import { STATUS } from '../status.js';
import { databaseMetrics } from './database-metrics.js';
import type { Answered, Exposition, MetricSources } from './late-metrics.js';

type Outcome = 'ok' | 'refused' | 'denied' | 'limited' | 'failed';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Beyond these, verbs are counted as one: no table has so many. */
const VERBS_MAX = 512;

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'protocol' | 'verb' | 'outcome'>;
  readonly #verbs = new Set<string>();

  constructor({ database, port, admission }: MetricSources) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({ name: 'elanus_request_seconds', help: 'Time from a request, whole, to its answer, by protocol, verb and outcome', labelNames: ['protocol', 'verb', 'outcome'], buckets: SECONDS, registers });
    admissionMetrics(admission, registers);
    portMetrics(port, registers);
    databaseMetrics(database, registers);
  }

  answered({ protocol, verb, code, ms }: Answered): void {
    const key = `${protocol} ${verb}`;
    const isKnown = this.#verbs.has(key) || this.#verbs.size < VERBS_MAX;
    if (isKnown) this.#verbs.add(key);
    this.#requests.observe({ protocol, verb: isKnown ? verb : 'other', outcome: outcomeOf(code) }, ms / 1000);
  }

  async read(): Promise<Exposition> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }
}

const DENIED: readonly number[] = [1400, 1401, 1800];
const FAILED: readonly number[] = [STATUS.notReady, STATUS.unavailable, STATUS.memoryExhausted, STATUS.diskExhausted, STATUS.ioFailed, STATUS.unexpected];

export function outcomeOf(code: number): Outcome {
  if (code === 0) return 'ok';
  if (code === STATUS.rateLimited) return 'limited';
  if (DENIED.includes(code)) return 'denied';
  return FAILED.includes(code) ? 'failed' : 'refused';
}

function admissionMetrics(admission: Admission, registers: Registry[]): void {
  new Gauge({ name: 'elanus_requests_running', help: 'Requests that run', registers, collect() { this.set(admission.counts().running); } });
  new Gauge({ name: 'elanus_requests_waiting', help: 'Requests that wait for their turn', registers, collect() { this.set(admission.counts().waiting); } });
  new Counter({ name: 'elanus_requests_refused_total', help: 'Requests refused because too many ran or waited', registers, collect() { this.reset(); this.inc(admission.counts().refused); } });
}

function portMetrics(port: MetricSources['port'], registers: Registry[]): void {
  new Gauge({
    name: 'elanus_connections', help: 'Open connections, by protocol', labelNames: ['protocol'], registers,
    collect() { for (const [protocol, count] of Object.entries(port()?.open ?? {})) this.set({ protocol }, count); },
  });
  new Counter({
    name: 'elanus_connections_refused_total', help: 'Connections that were closed without a request, by why', labelNames: ['reason'], registers,
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(port()?.refused ?? {})) this.inc({ reason }, count);
    },
  });
}
