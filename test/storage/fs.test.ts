// The storage suite over a folder on disk.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFsStorage } from '../../src/storage/fs.js';
import { storageConformance } from './conformance.js';

storageConformance('fs', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'elanus-fs-'));
  return { open: () => openFsStorage(directory), discard: () => rm(directory, { recursive: true }) };
}, { exclusive: true });
