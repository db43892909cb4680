// Services: what a server keeps besides its databases, made once and handed to every call, whichever protocol it came by.

import type { Ambient } from '../ports/ambient.js';
import { Imports } from './imports/imports.js';
import { Compactions } from './milvus/compactions.js';
import { SearchWalks } from './milvus/search-walks.js';

export interface Services {
  readonly compactions: Compactions;
  readonly imports: Imports;
  readonly walks: SearchWalks;
  /** Ends what runs by itself. */
  close(): Promise<void>;
}

/** By default there is nothing to import from. */
export function createServices(log: Ambient['log'], { imports = Imports.none(log) }: Partial<Pick<Services, 'imports'>> = {}): Services {
  const compactions = new Compactions(log, Date.now());
  const close = async (): Promise<void> => void (await Promise.all([compactions.close(), imports.close()]));
  return { compactions, imports, walks: new SearchWalks(), close };
}
