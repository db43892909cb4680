// The calibration section of an index file: its bytes, and what is refused.

import { describe, expect, test } from 'vitest';
import { decodeCalibration, encodeCalibration, type Calibration } from '../../src/format/calibration.js';

const sample: Calibration = {
  far: -1.25,
  points: [
    { k: 10, effort: 12, keep: 12, rerank: 12, patience: 0, recall: 9512 },
    { k: 10, effort: 0, keep: 40, rerank: 40, patience: 350, recall: 10_000 },
    { k: 100, effort: 130, keep: 130, rerank: 130, patience: 0, recall: 0 },
  ],
};

describe('a calibration', () => {
  test('is read as it was written', () => {
    expect(decodeCalibration(encodeCalibration(sample), 'file')).toEqual(sample);
    expect(decodeCalibration(encodeCalibration({ far: 0, points: [] }), 'file')).toEqual({ far: 0, points: [] });
  });

  test('has these bytes', () => {
    const bytes = encodeCalibration({ far: 1, points: [{ k: 10, effort: 1, keep: 2, rerank: 3, patience: 4, recall: 5 }] });
    expect([...new Uint32Array(bytes.buffer)]).toEqual([1, 1, 0, 0x3ff00000, 10, 1, 2, 3, 4, 5]);
  });

  test('cut anywhere is refused', () => {
    const bytes = encodeCalibration(sample);
    for (let length = 0; length < bytes.length; length++) expect(() => decodeCalibration(bytes.subarray(0, length), 'file')).toThrow(/file: calibration/);
    expect(() => decodeCalibration(new Uint8Array([...bytes, 0]), 'file')).toThrow(/file: calibration/);
  });

  test.each([
    ['version', 0, 2, /version/],
    ['count', 4, 0xffff_ffff, /points/],
    ['far', 12, 0x7ff0_0000, /far/],
    ['k', 16, 0, /k: expected/],
    ['k beyond', 16, 16_385, /k: expected/],
    ['keep', 24, 0, /keep/],
    ['rerank', 28, 0, /rerank/],
    ['effort', 20, 0x10_0001, /effort/],
    ['patience', 32, 0x10_0001, /patience/],
    ['recall', 36, 10_001, /recall/],
  ])('with a bad %s is refused', (_, offset, value, message) => {
    const bytes = encodeCalibration(sample);
    new DataView(bytes.buffer).setUint32(offset, value, true);
    expect(() => decodeCalibration(bytes, 'file')).toThrow(message);
  });
});
