// `server`: our server beside milvus-lite through pymilvus, what gRPC adds to a search, and how long its event loop is held. One line of JSON a bar, or one
// table in Markdown.

import { DATA_USAGE } from '../args.js';
import { openWorkplace, readDataSet } from '../data-set.js';
import { integer, metricOf, needed, parseFlags, share, text } from '../flags.js';
import { emit, log } from '../log.js';
import { missingBuild } from '../repository.js';
import { latencyLines } from '../server/latency.js';
import { peerLines } from '../server/peer.js';
import { turnLines } from '../server/turns.js';
import { failedLine, storageTable, type StorageLine } from '../storage/line.js';
import { UsageError } from '../usage-error.js';

const USAGE = `npm run -s bench -- server ${DATA_USAGE} [--recall 0.95] [--rows N] [--only peer,latency,turns] [--rounds 3] [--clients 8] [--seconds 5] [--batch 1000] [--json]`;
const FLAGS = ['base', 'query', 'gt', 'metric', 'k', 'recall', 'rows', 'only', 'rounds', 'clients', 'seconds', 'batch'] as const;
const PARTS = ['peer', 'latency', 'turns'];
const METRICS = { l2: 'L2', cosine: 'COSINE', ip: 'IP' } as const;

export async function server(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'server', FLAGS, USAGE);
  const only = text(values['only'], PARTS.join(',')).split(',');
  const unknown = only.find((name) => !PARTS.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only: expected some of ${PARTS.join(', ')}, found ${JSON.stringify(unknown)}\n${USAGE}`);
  const metric = metricOf(text(values['metric'], 'l2'));
  if (!(metric in METRICS)) throw new UsageError(`--metric: expected one of ${Object.keys(METRICS).join(', ')}, found ${JSON.stringify(metric)}`);
  const number = (name: string, usual: string, max: number): number => integer(`--${name}`, text(values[name], usual), 1, max);
  const [base, query, gt] = [needed('--base', values['base'], USAGE), needed('--query', values['query'], USAGE), needed('--gt', values['gt'], USAGE)];
  const k = number('k', '10', 16_384);
  const rounds = number('rounds', '3', 100);
  const rows = values['rows'] === undefined ? undefined : number('rows', '', 0x7fff_ffff);
  const settings = { clients: number('clients', '8', 256), seconds: number('seconds', '5', 3600), batch: number('batch', '1000', 100_000), recall: share('--recall', text(values['recall'], '0.95')) };
  const missing = missingBuild('dist/cli.js', 'dist/node.js', 'dist/server.js', 'dist/elanus.node');
  if (missing !== undefined) throw new UsageError(missing);
  const data = await readDataSet({ base, query, gt, metric, k, rows });
  const workplace = await openWorkplace(data.base, data.queries);
  const what = `${base.split('/').at(-1)?.split('.')[0] ?? base}, ${data.base.n} x ${data.base.d}`;
  const named = METRICS[metric as keyof typeof METRICS];
  const parts: Readonly<Record<string, () => Promise<readonly StorageLine[]>>> = {
    peer: () => peerLines({ data, workplace, what, metric: named, k, rounds, ...settings }),
    latency: () => latencyLines({ folder: workplace.folder, base: workplace.base, queries: workplace.queries, metric: named, k, rounds: 1 }, what, settings.clients),
    turns: () => turnLines({ folder: workplace.folder, base: workplace.base, metric: named }, what),
  };
  const lines: StorageLine[] = [];
  for (const name of only) {
    const found = await (parts[name] as () => Promise<readonly StorageLine[]>)().catch((error: unknown) => {
      log(String(error instanceof Error ? error.stack : error));
      return [failedLine(name, what, error instanceof Error ? error.message : String(error))];
    });
    lines.push(...found);
    if (values['json'] === true) found.forEach(emit);
  }
  if (values['json'] !== true) process.stdout.write(`${storageTable(lines)}\n`);
}
