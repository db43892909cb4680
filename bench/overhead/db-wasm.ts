// The public API over the wasm core, its effort set by hand as the core's own is.

import { databaseTarget } from '../own-database.js';

export const target = databaseTarget('wasm', 'dist/core.wasm', 'ef');
