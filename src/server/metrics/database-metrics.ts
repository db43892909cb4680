// Database metrics: what the databases of the server have and take, summed over collections, whose names are not told.
// They are asked once for each reading, and what is dear to know, now and then.

import { Counter, Gauge, type Registry } from 'prom-client';
import type { CollectionStats, Database, DatabaseStats, Health } from '../../engine/api.js';

/** How long the answer of a walk through the files holds. */
const HEALTH_MS = 15_000;
const TASKS = ['seal', 'index', 'compact', 'load'] as const;

interface Figures {
  readonly stats: DatabaseStats;
  readonly health: Health;
}

type Values = Readonly<Record<string, number>>;

export function databaseMetrics(database: () => Database | undefined, registers: Registry[]): void {
  const figures = reader(database);
  const gauge = (name: string, help: string, label: string, values: (figures: Figures) => Values): void => {
    new Gauge({
      name, help, labelNames: label === '' ? [] : [label], registers,
      async collect() {
        const now = await figures();
        if (now === undefined) return;
        for (const [value, count] of Object.entries(values(now))) this.set(label === '' ? {} : { [label]: value }, count);
      },
    });
  };
  gauge('elanus_collections', 'Collections that are open', '', ({ stats }) => ({ all: stats.collections.length }));
  gauge('elanus_rows', 'Rows of open collections, by state; those that grow are also live', 'state', ({ stats }) => sums(stats, ({ rows }) => ({ ...rows })));
  gauge('elanus_segments', 'Segments of open collections, by state; those with an index are also sealed', 'state', ({ stats }) => sums(stats, ({ segments }) => ({ ...segments })));
  gauge('elanus_file_bytes', 'Bytes of files in use, by kind; logs hold what is not sealed yet', 'kind', ({ stats }) => sums(stats, ({ files }) => ({ ...files })));
  gauge('elanus_memory_bytes', 'Bytes in memory, by purpose', 'purpose', ({ stats }) => sums(stats, ({ memory }) => ({ ...memory })));
  gauge('elanus_memory_counted_bytes', 'Bytes in memory that count against the limit', '', ({ stats }) => ({ all: stats.memory.usedBytes }));
  gauge('elanus_core_memory_bytes', 'Bytes that the core holds', 'core', ({ stats, health }) => ({ [health.core]: stats.memory.coreBytes }));
  gauge('elanus_storage_bytes', 'Bytes that are stored', '', ({ health }) => ({ all: health.usageBytes ?? 0 }));
  gauge('elanus_storage_free_bytes', 'Bytes that can still be stored', '', ({ health }) => ({ all: Math.max(0, (health.quotaBytes ?? 0) - (health.usageBytes ?? 0)) }));
  gauge('elanus_missing_rows', 'Rows left out of answers, as a file of theirs is damaged or missing', '', ({ stats }) => sums(stats, ({ missing }) => ({ all: missing.reduce((total, { rows }) => total + rows, 0) })));
  gauge('elanus_warnings', 'Warnings of the database', '', ({ health }) => ({ all: health.warnings.length }));
  gauge('elanus_writes_waiting', 'Writes that wait for seals, merges or memory', '', ({ stats }) => sums(stats, ({ writes }) => ({ all: writes.waiting })));
  gauge('elanus_tasks', 'Work in the background that runs, by kind', 'task', ({ stats }) => Object.fromEntries(TASKS.map((kind) => [kind, stats.tasks.filter(({ task }) => task === kind).length])));
  writtenMetric(figures, registers);
}

function writtenMetric(figures: () => Promise<Figures | undefined>, registers: Registry[]): void {
  new Counter({
    name: 'elanus_written_bytes_total', help: 'Bytes written since the start, by purpose', labelNames: ['purpose'], registers,
    async collect() {
      const now = await figures();
      this.reset();
      if (now !== undefined) for (const [purpose, bytes] of Object.entries(sums(now.stats, ({ written }) => ({ ...written })))) this.inc({ purpose }, bytes);
    },
  });
}

function sums({ collections }: DatabaseStats, of: (stats: CollectionStats) => Values): Values {
  const total: Record<string, number> = {};
  for (const stats of collections) for (const [key, count] of Object.entries(of(stats))) total[key] = (total[key] ?? 0) + count;
  return total;
}

/** All gauges of one reading share one answer. */
function reader(database: () => Database | undefined): () => Promise<Figures | undefined> {
  let now: Promise<Figures | undefined> | undefined;
  let health: { readonly value: Health; readonly untilMs: number } | undefined;
  const read = async (): Promise<Figures | undefined> => {
    const opened = database();
    if (opened === undefined) return undefined;
    if (health === undefined || health.untilMs < performance.now()) health = { value: await opened.health(), untilMs: performance.now() + HEALTH_MS };
    return { stats: await opened.stats(), health: health.value };
  };
  return () => {
    now ??= read().finally(() => (now = undefined));
    return now;
  };
}
