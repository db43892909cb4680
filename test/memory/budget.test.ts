// 300,000 vectors of 768 dimensions, 900 MB, are searched by a page within 256 MB.

import { expect, test } from 'vitest';
import { searchWithin } from './budget.js';

test('a collection several times larger than its memory is searched in Chromium', { timeout: 900_000 }, async () => {
  const limitMB = 256;
  const report = await searchWithin({ rows: 300_000, dim: 768, limitMB, queries: 20, say: (text) => console.log(`memory: ${text}`) });
  console.log(`memory: ${JSON.stringify(report)}`);
  expect(report.rows).toBe(300_000);
  expect(report.vectorsMB).toBeGreaterThan(3 * limitMB);
  expect(report.coreMB).toBeLessThanOrEqual(limitMB);
  expect(report.processMB).toBeLessThanOrEqual(limitMB);
  expect(report.recall).toBeGreaterThanOrEqual(0.9);
  expect(report.exact).toBe(report.exactAsked);
});
