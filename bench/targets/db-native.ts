// The public API in Node over the native core.

import { databaseTarget } from '../own-database.js';

export const target = databaseTarget('native', 'dist/elanus.node');
