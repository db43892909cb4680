// The public API in Node over the wasm core.

import { databaseTarget } from '../own-database.js';

export const target = databaseTarget('wasm', 'dist/core.wasm');
