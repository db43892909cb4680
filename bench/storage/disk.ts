// Disk: bytes written for a byte of data over random upserts, everything counted: log, rows, indexes, deletions, manifests,
// compaction, until nothing is under way any more.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { log, rounded } from '../log.js';
import type { WrittenBytes } from './counting-storage.js';
import { judged, type StorageLine } from './line.js';
import { runProcess } from './process.js';
import type { RowsFile } from './rows.js';

const WRITTEN_MAX = 6;
const MB = 1024 * 1024;
/** As a page seals, and as Node does. */
const SEALS = [64 * MB, 256 * MB] as const;

export interface DiskTask {
  readonly folder: string;
  readonly rows: RowsFile;
  readonly upserts: number;
  /** Different keys. */
  readonly keys: number;
  readonly batch: number;
  readonly sealBytes: number;
}

export interface DiskAnswer {
  /** Of keys and vectors that were given. */
  readonly dataBytes: number;
  readonly written: WrittenBytes;
  /** By the account of the system, which leaves out what was removed before it reached the disk. */
  readonly systemBytes?: number;
  readonly ackedS: number;
  readonly settledS: number;
  readonly segments: number;
  readonly liveRows: number;
  /** On disk at the end. */
  readonly keptBytes: number;
}

export async function diskLines(rows: RowsFile, upserts: number, folder: string): Promise<readonly StorageLine[]> {
  const lines: StorageLine[] = [];
  for (const sealBytes of SEALS) {
    const task: DiskTask = { folder: join(folder, 'disk'), rows, upserts, keys: Math.ceil(upserts / 4), batch: 1000, sealBytes };
    log(`disk: ${upserts} upserts, sealing at ${sealBytes / MB} MiB`);
    rmSync(task.folder, { recursive: true, force: true });
    mkdirSync(task.folder, { recursive: true });
    try {
      lines.push(lineOf(await runProcess<DiskAnswer>('bench/storage/disk-process.ts', task), task));
    } finally {
      rmSync(task.folder, { recursive: true, force: true });
    }
  }
  return lines;
}

function lineOf({ dataBytes, written, systemBytes, ackedS, settledS, segments, liveRows, keptBytes }: DiskAnswer, { upserts, keys, rows, sealBytes }: DiskTask): StorageLine {
  const { files, ...kinds } = written;
  const share = (bytes: number): number => rounded(bytes / dataBytes);
  const parts = Object.entries(kinds).filter(([, bytes]) => bytes > 0).map(([kind, bytes]) => `${kind} ${share(bytes)}`);
  const system = systemBytes === undefined ? '' : `, by the system's account ${share(systemBytes)}`;
  return judged({
    bar: 'bytes written for a byte of data, random upserts',
    set: `${upserts} upserts of ${keys} keys x ${rows.d}, sealing at ${sealBytes / MB} MiB`,
    unit: '',
    must: WRITTEN_MAX,
    better: 'less',
    measured: share(Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0)),
    note: `${parts.join(', ')}${system}; ${files} files, ${segments} segments and ${rounded(keptBytes / (liveRows * (8 + rows.d * 4)))} bytes on disk for a live byte at the end; ${Math.round(upserts / ackedS)} upserts/s, settled after ${Math.round(settledS)} s`,
  });
}
