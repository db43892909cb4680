// The storage suite over Chromium's IndexedDB.

import { deleteDB } from 'idb';
import { openIdbStorage } from '../../src/storage/idb.js';
import { storageConformance } from './conformance.js';

storageConformance('idb', async () => {
  const name = `conformance-${crypto.randomUUID()}`;
  return { open: () => openIdbStorage(name), discard: () => deleteDB(`elanus:${name}`) };
}, { exclusive: true });
