// CollectionContext: what a database gives each of its collections.

import type { Background } from './background.js';
import type { Environment } from './environment.js';
import type { Residency } from './residency.js';
import type { Room } from './room.js';
import type { Engines } from './search.js';
import type { Tasks } from './tasks.js';

/** Of the first batch of a collection. */
export const FIRST_LSN = 1n;

export interface CollectionContext {
  readonly environment: Environment;
  readonly engines: Engines;
  readonly residency: Residency;
  /** Undefined where nothing is written. */
  readonly room: Room | undefined;
  readonly background: Background;
  readonly tasks: Tasks;
  /** Adds to the warnings of `health()`. */
  readonly warn: (message: string) => void;
}
