// Requests that nobody thought of, from the OpenAPI document: none ends in a fault of the server, each answer is as the document
// says. `npm run rest:fuzz` does the same for longer.

import { expect, test } from 'vitest';
import { fuzz, missingSchemathesis } from './fuzz.js';

const EXAMPLES = 1;
const seed = Date.now() % 2 ** 31;

if (missingSchemathesis !== undefined) console.warn(missingSchemathesis);

test.skipIf(missingSchemathesis !== undefined)(`random requests are answered as the document says (seed ${seed})`, { timeout: 120_000 }, async () => {
  const { code, output, faults, answered, codes } = await fuzz({ seed, examples: EXAMPLES });
  expect(faults, output).toEqual([]);
  expect(answered).toBe(0);
  expect(code, output).toBe(0);
  expect(output).toContain('No issues found');
  // It did meet more than refusals.
  expect(codes['0'], JSON.stringify(codes)).toBeGreaterThan(20);
});
