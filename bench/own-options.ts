// OwnOptions: the engine's way of choosing what a search spends, for what is measured below the engine. All that the
// harness knows of it is here, so that it changes in one place when the engine does.

import { calibrate, effortFor, rerankOf } from '../src/engine/calibration.js';
import { webAmbient } from '../src/platform/ambient.js';
import type { AnnIndex, AnnOptions, FlatIndex } from '../src/ports/core.js';

/** For an effort set by hand. */
export function optionsOf(effort: number, k: number): AnnOptions {
  return { ef: effort, rerank: rerankOf(effort, k) };
}

/** For an asked recall; undefined where only looking at every row will do. */
export type Chooser = (k: number, recall: number) => AnnOptions | undefined;

/** Calibrates as the engine does when it seals. */
export async function chooserOf(rows: FlatIndex, ann: AnnIndex): Promise<Chooser> {
  const calibration = await calibrate(rows, ann, webAmbient(), () => false);
  return (k, recall) => {
    const effort = effortFor(calibration, k, recall);
    return effort && { ef: effort.ef, rerank: effort.rerank };
  };
}
