// The storage suite over an IndexedDB that is emulated in Node.

import 'fake-indexeddb/auto';
import { deleteDB } from 'idb';
import { openIdbStorage } from '../../src/storage/idb.js';
import { storageConformance } from './conformance.js';

storageConformance('idb (fake-indexeddb)', async () => {
  const name = `conformance-${crypto.randomUUID()}`;
  return { open: () => openIdbStorage(name), discard: () => deleteDB(`elanus:${name}`) };
}, { exclusive: true });
