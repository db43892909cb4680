// OwnOptions: the engine's way of choosing what a search spends, for what is measured below the engine. All that the
// harness knows of it is here, so that it changes in one place when the engine does.

import { calibrate } from '../src/engine/upkeep/calibration.js';
import { effortFor, rerankOf } from '../src/engine/search/effort.js';
import { webAmbient } from '../src/platform/ambient.js';
import type { AnnIndex, AnnOptions, FlatIndex, IndexKind } from '../src/ports/core.js';

/**
 * Rows that are kept by the first estimate of lists, and those of them that are scored exactly, for each that is asked for.
 * Few dimensions make rough estimates, and then it takes more; which is one of the things that calibration finds.
 */
export interface Width {
  readonly keep: number;
  readonly rerank: number;
}
const USUAL: Width = { keep: 5, rerank: 2 };

/** What is tried where nothing is calibrated; a graph has one. */
export const WIDTHS: Readonly<Record<IndexKind, readonly Width[]>> = {
  graph: [USUAL],
  ivf: [USUAL, { keep: 10, rerank: 4 }, { keep: 20, rerank: 6 }, { keep: 40, rerank: 10 }],
};

/** For an effort set by hand: of a graph the rows kept on the way (ef), of an IVF the lists read (nprobe). */
export function optionsOf(kind: IndexKind, effort: number, k: number, { keep, rerank }: Width): AnnOptions {
  if (kind === 'ivf') return { effort, keep: keep * k, rerank: rerank * k, patience: 0 };
  return { effort, keep: k, rerank: rerankOf(effort, k), patience: 0 };
}

/** For an asked recall; undefined where only looking at every row will do. */
export type Chooser = (k: number, recall: number, filtered: boolean) => AnnOptions | undefined;

/** Calibrates as the engine does when it seals. */
export async function chooserOf(rows: FlatIndex, ann: AnnIndex): Promise<Chooser> {
  const calibration = await calibrate(rows, ann, webAmbient(), () => false);
  return (k, recall, filtered) => {
    const found = effortFor(calibration, ann.kind, k, recall, filtered);
    return found && { effort: found.effort, keep: found.keep, rerank: found.rerank, patience: found.patience };
  };
}
