// CollectionContext: what a database gives each of its collections.

import type { Background } from '../database/background.js';
import type { Environment } from '../database/environment.js';
import type { Residency } from '../table/residency.js';
import type { Room } from '../files/room.js';
import type { Engines } from '../search/search.js';
import type { Tasks } from '../database/tasks.js';

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
  /** Told when a copy was written to. */
  readonly wroteOwn: () => void;
}
