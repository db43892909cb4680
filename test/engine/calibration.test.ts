// Calibration of rows whose scores are no numbers: what was measured can still be stored and read.

import { describe, expect, test } from 'vitest';
import { calibrate } from '../../src/engine/upkeep/calibration.js';
import { isFar } from '../../src/engine/search/effort.js';
import { decodeCalibration, encodeCalibration } from '../../src/format/calibration.js';
import { METRICS } from '../../src/model/metric.js';
import { testAmbient, testCore } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const DIM = 16;
const ROWS = 300;

describe('calibration', () => {
  test.each(METRICS)('of huge rows is stored and read under %s', async (metric) => {
    const core = await testCore();
    const rows = core.createFlat(DIM, metric);
    const next = random(1);
    // Squares of the one half overflow, and differences of infinite products are no numbers.
    for (let row = 0; row < ROWS; row++) rows.append(randomVector(next, DIM).map((x) => x * (row % 2 === 0 ? 1e38 : 1)));
    const build = core.buildIndex(rows, { kind: 'graph', seed: 1, rowsSha256: new Uint8Array(32) });
    while (!build.step(1_000_000));
    const ann = core.openIndex(build.bytes(), rows);
    const calibration = await calibrate(rows, ann, testAmbient(1), () => false);
    expect(calibration.points.length).toBeGreaterThan(0);
    const stored = decodeCalibration(encodeCalibration(calibration), 'stored');
    expect(stored).toEqual(calibration);
    expect(isFar(stored, rows.search(rows.read(1, 1), 10).scores, metric, 0.95)).toBe(false);
  });
});
