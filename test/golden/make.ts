// Writes the golden files, once for each version of the format: `npx tsx test/golden/make.ts`.
// It passes over a file that is there: stored bytes must stay readable, so golden bytes never change.

import { existsSync, writeFileSync } from 'node:fs';
import { encodeAll } from './samples.js';
import { encodeSync } from './sync-samples.js';

for (const [name, bytes] of [...encodeAll(), ...encodeSync()]) {
  const path = new URL(`v1/${name}`, import.meta.url);
  if (existsSync(path)) continue;
  writeFileSync(path, bytes, { flag: 'wx' });
  console.log(`${path.pathname}: ${bytes.length} bytes`);
}
