// hnswlib (C++), by its Python package.

import { installPython, pythonCommand } from '../peers/install.js';
import type { Target } from '../target.js';

export const target: Target = {
  own: false,
  metrics: ['l2', 'ip', 'cosine'],
  prepare: async () => installPython(['numpy', 'hnswlib']),
  command: () => pythonCommand('hnswlib_peer.py'),
};
