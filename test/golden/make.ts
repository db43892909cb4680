// Writes the golden files, once for each version of the format: `npx tsx test/golden/make.ts`.
// It refuses to touch a file that is there: stored bytes must stay readable, so golden bytes never change.

import { writeFileSync } from 'node:fs';
import { encodeAll } from './samples.js';

for (const [name, bytes] of encodeAll()) {
  const path = new URL(`v1/${name}`, import.meta.url);
  writeFileSync(path, bytes, { flag: 'wx' });
  console.log(`${path.pathname}: ${bytes.length} bytes`);
}
