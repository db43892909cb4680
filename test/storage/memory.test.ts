// The storage suite over memory.

import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { storageConformance } from './conformance.js';

storageConformance('memory', async () => {
  const files: MemoryFiles = new Map();
  return { open: async () => memoryStorage(files), discard: async () => files.clear() };
}, { exclusive: false });
