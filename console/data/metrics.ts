// Metrics: the text that Prometheus reads at /metrics, as the few figures that the console shows. Rates and latencies are
// of the time between two readings. https://prometheus.io/docs/instrumenting/exposition_formats/

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples by the name of their metric. */
export type Reading = ReadonlyMap<string, readonly Sample[]>;

export interface Figures {
  readonly requestsPerSecond: number;
  readonly failuresPerSecond: number;
  /** Of the requests since the last reading; undefined if there were none. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly running: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly loopP99Ms: number;
  readonly connections: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const REQUESTS = 'elanus_request_seconds';
/** What is measured is the time between two ticks of a timer, which is this even where nothing is late. */
const LOOP_TICK_MS = 10;

export function parseMetrics(text: string): Reading {
  const reading = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const sample = { labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text])), value: value === '+Inf' ? Infinity : Number(value) };
    const known = reading.get(name);
    if (known === undefined) reading.set(name, [sample]);
    else known.push(sample);
  }
  return reading;
}

/** `seconds`: between the two readings. */
export function figuresOf(now: Reading, before: Reading | undefined, seconds: number): Figures {
  const grown = (name: string, takes: (sample: Sample) => boolean = () => true): number => (before === undefined ? 0 : Math.max(0, sum(now, name, takes) - sum(before, name, takes)));
  const buckets = before === undefined ? [] : grownBuckets(now, before);
  return {
    requestsPerSecond: grown(`${REQUESTS}_count`) / seconds,
    failuresPerSecond: grown(`${REQUESTS}_count`, ({ labels }) => labels['outcome'] !== 'ok') / seconds,
    p50Ms: quantileMs(buckets, 0.5),
    p99Ms: quantileMs(buckets, 0.99),
    running: sum(now, 'elanus_requests_running'),
    residentBytes: sum(now, 'process_resident_memory_bytes'),
    heapBytes: sum(now, 'nodejs_heap_size_used_bytes'),
    loopP99Ms: Math.max(0, sum(now, 'nodejs_eventloop_lag_p99_seconds') * 1000 - LOOP_TICK_MS),
    connections: sum(now, 'elanus_connections'),
  };
}

function sum(reading: Reading, name: string, takes: (sample: Sample) => boolean = () => true): number {
  return (reading.get(name) ?? []).reduce((total, sample) => (takes(sample) ? total + sample.value : total), 0);
}

interface Bucket {
  readonly upTo: number;
  /** Of this and all smaller ones. */
  readonly count: number;
}

function grownBuckets(now: Reading, before: Reading): readonly Bucket[] {
  const counts = new Map<number, number>();
  const add = (reading: Reading, sign: number): void => {
    for (const { labels, value } of reading.get(`${REQUESTS}_bucket`) ?? []) {
      const upTo = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
      counts.set(upTo, (counts.get(upTo) ?? 0) + sign * value);
    }
  };
  add(now, 1);
  add(before, -1);
  return [...counts].map(([upTo, count]) => ({ upTo, count })).sort((a, b) => a.upTo - b.upTo);
}

/** Within a bucket requests are taken to be spread evenly, as Prometheus does; beyond the last it is the last. */
function quantileMs(buckets: readonly Bucket[], share: number): number | undefined {
  const total = buckets.at(-1)?.count ?? 0;
  if (total <= 0) return undefined;
  const rank = share * total;
  const at = buckets.findIndex(({ count }) => count >= rank);
  const { upTo, count } = buckets[at] as Bucket;
  const below = buckets[at - 1] ?? { upTo: 0, count: 0 };
  if (upTo === Infinity) return below.upTo * 1000;
  return (below.upTo + ((upTo - below.upTo) * (rank - below.count)) / (count - below.count)) * 1000;
}
