// npm run build: installs what is missing, then builds dist.

import { build } from './build/build.mjs';
import { fail } from './lib/log.mjs';
import { setUp } from './setup/setup.mjs';

try {
  await setUp();
  await build();
} catch (error) {
  fail(error);
}
