// The public API over the native core, its effort set by hand as the core's own is.

import { databaseTarget } from '../own-database.js';

export const target = databaseTarget('native', 'dist/elanus.node', 'ef');
