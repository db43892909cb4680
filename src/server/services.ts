// Services: what a server keeps besides its databases, made once and handed to every call, whichever protocol it came by.

import type { Ambient } from '../ports/ambient.js';
import { volatileAccess, type Access } from './access/access.js';
import { Imports } from './imports/imports.js';
import { Compactions } from './milvus/compactions.js';
import { SearchWalks } from './milvus/search-walks.js';

export interface Services {
  readonly compactions: Compactions;
  readonly imports: Imports;
  readonly walks: SearchWalks;
  /** Users, roles, and the gate. */
  readonly access: Access;
  /** Ends what runs by itself. */
  close(): Promise<void>;
}

/** By default there is nothing to import from, nobody must log in, and users are forgotten. */
export function createServices(log: Ambient['log'], { imports = Imports.none(log), access = volatileAccess() }: Partial<Pick<Services, 'imports' | 'access'>> = {}): Services {
  const compactions = new Compactions(log, Date.now());
  const close = async (): Promise<void> => {
    await Promise.all([compactions.close(), imports.close()]);
    await access.close();
  };
  return { compactions, imports, access, walks: new SearchWalks(), close };
}
