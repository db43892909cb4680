// Services: what a server keeps besides its databases, made once and handed to every call, whichever protocol it came by.

import { webAmbient } from '../platform/ambient.js';
import type { Ambient } from '../ports/ambient.js';
import { SIGNING_KEY_BYTES } from '../ports/cipher.js';
import { volatileAccess, type Access } from './access/access.js';
import { Imports } from './imports/imports.js';
import { Compactions } from './milvus/compactions.js';
import { SearchWalks } from './milvus/search-walks.js';
import { SyncRoom } from './sync/room.js';

export interface Services {
  readonly compactions: Compactions;
  readonly imports: Imports;
  readonly walks: SearchWalks;
  /** Users, roles, and the gate. */
  readonly access: Access;
  /** Where copies are pulled from and push to. */
  readonly sync: SyncRoom;
  /** Ends what runs by itself. */
  close(): Promise<void>;
}

export interface ServiceOptions extends Partial<Pick<Services, 'imports' | 'access'>> {
  readonly signingSeed?: Uint8Array;
  /** When the data were last put back from a backup. */
  readonly restoredMs?: number | undefined;
}

/** By default there is nothing to import from, nobody must log in, users are forgotten, and heads are signed by a key that is. */
export function createServices(log: Ambient['log'], { imports = Imports.none(log), access = volatileAccess(), signingSeed, restoredMs }: ServiceOptions = {}): Services {
  const ambient = webAmbient();
  const sync = new SyncRoom(signingSeed ?? ambient.randomBytes(SIGNING_KEY_BYTES), ambient, log, restoredMs);
  const compactions = new Compactions(log, Date.now());
  const close = async (): Promise<void> => {
    sync.close();
    await Promise.all([compactions.close(), imports.close()]);
    await access.close();
  };
  return { compactions, imports, access, sync, walks: new SearchWalks(), close };
}
