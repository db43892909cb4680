// A page searches almost three times as many bytes of vectors as it may use of memory. The same with 300,000 vectors of 768
// dimensions within 256 MB: npm run memory.

import { expect, test } from 'vitest';
import { searchWithin } from './budget.js';

test('a collection larger than its memory is searched in Chromium', { timeout: 300_000 }, async () => {
  const limitMB = 64;
  const report = await searchWithin({ rows: 60_000, dim: 768, limitMB, queries: 10, say: (text) => console.log(`memory: ${text}`) });
  console.log(`memory: ${JSON.stringify(report)}`);
  expect(report.rows).toBe(60_000);
  expect(report.vectorsMB).toBeGreaterThan(2.5 * limitMB);
  expect(report.coreMB).toBeLessThanOrEqual(limitMB);
  expect(report.recall).toBeGreaterThanOrEqual(0.9);
  expect(report.exact).toBe(report.exactAsked);
});
