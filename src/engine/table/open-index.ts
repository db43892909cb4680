// Open index: from the bytes of an index file, or what of it has come, to an index that is searched.

import { decodeCalibration } from '../../format/calibration.js';
import { checkIndexVersion } from '../../format/index-version.js';
import type { AnnIndex, Core } from '../../ports/core.js';
import type { IndexBytes } from '../files/segment-files.js';
import type { NumberFlat, SegmentIndex } from './vector-part.js';

/** `rows`: as of `Core.openIndex`. Errors: those of it; `Corrupt` if its calibration is damaged. */
export async function openIndex(core: Core, { bytes, partial }: IndexBytes, name: string, rows: NumberFlat | undefined): Promise<SegmentIndex> {
  checkIndexVersion(bytes, name);
  const ann = await (core.openIndexAsync?.(bytes, rows, { partial }) ?? core.openIndex(bytes, rows, { partial }));
  return { ann, calibration: calibrationOf(ann, name), partial };
}

function calibrationOf(ann: AnnIndex, name: string): SegmentIndex['calibration'] {
  try {
    return decodeCalibration(ann.calibration ?? new Uint8Array(0), name);
  } catch (error) {
    ann.close();
    throw error;
  }
}
