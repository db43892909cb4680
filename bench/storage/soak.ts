// Soak: memory under a mixed load that goes on: samples, and the slope of each over the second half of the time.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess } from './process.js';

export interface SoakTask {
  readonly folder: string;
  readonly seconds: number;
  readonly sampleSeconds: number;
  /** Different keys. */
  readonly keys: number;
}

export interface SoakSample {
  readonly atSeconds: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly arrayBufferBytes: number;
  readonly coreBytes: number;
  readonly diskBytes: number;
  readonly rows: number;
  readonly segments: number;
  readonly warnings: number;
  readonly done: Readonly<Record<string, number>>;
}

const MEASURES = ['rssBytes', 'heapBytes', 'arrayBufferBytes', 'coreBytes', 'diskBytes', 'segments'] as const;

/** Growth a minute over the second half, and as a share of the mean there. */
export interface Slope {
  readonly perMinute: number;
  readonly share: number;
}

export type Slopes = Readonly<Record<(typeof MEASURES)[number], Slope>>;

export async function soak(task: SoakTask, onSample: (sample: SoakSample) => void): Promise<Slopes> {
  const folder = join(task.folder, 'soak');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const samples: SoakSample[] = [];
  const take = (line: string): void => {
    const sample = JSON.parse(line) as SoakSample;
    samples.push(sample);
    onSample(sample);
  };
  try {
    await startProcess('bench/storage/soak-process.ts', { ...task, folder }, take, ['--expose-gc']).lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const half = samples.filter(({ atSeconds }) => atSeconds >= task.seconds / 2);
  return Object.fromEntries(MEASURES.map((name) => [name, slopeOf(half.map((sample) => [sample.atSeconds / 60, sample[name]]))])) as Slopes;
}

/** By least squares. Nothing of fewer than two points. */
export function slopeOf(points: readonly (readonly [minute: number, value: number])[]): Slope {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / Math.max(1, points.length);
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [minute]) => sum + (minute - x) ** 2, 0);
  const perMinute = spread === 0 ? 0 : points.reduce((sum, [minute, value]) => sum + (minute - x) * (value - y), 0) / spread;
  return { perMinute, share: y === 0 ? 0 : perMinute / y };
}
