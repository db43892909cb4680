// ToldHealth: what a caller is told of how the storage is. Warnings name collections, files and keys of any database, so that who does
// not run the server is told how many there are.

import type { Health } from '../engine/api.js';
import type { Caller } from './access/gate.js';

export function toldHealth(caller: Caller | undefined, health: Health): Health {
  const { length } = health.warnings;
  if (length === 0 || (caller?.operates?.() ?? true)) return health;
  return { ...health, warnings: [`${length} that name what is stored: they are told to whom SelectOwnership is granted`] };
}
