// Services: what a server keeps besides its databases, made once and handed to every call, whichever protocol it came by.

import type { Ambient } from '../ports/ambient.js';
import { volatileAccess, type Access } from './access/access.js';
import { Compactions } from './milvus/compactions.js';

export interface Services {
  readonly compactions: Compactions;
  /** Users, roles, and the gate. */
  readonly access: Access;
  /** Ends what runs by itself. */
  close(): Promise<void>;
}

/** Closes `access` with the rest; by default nobody must log in, and users are forgotten. */
export function createServices(log: Ambient['log'], access: Access = volatileAccess()): Services {
  const compactions = new Compactions(log, Date.now());
  const close = async (): Promise<void> => {
    await compactions.close();
    await access.close();
  };
  return { compactions, access, close };
}
