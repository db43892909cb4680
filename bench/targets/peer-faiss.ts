// faiss (C++), by its Python package.

import { installPython, pythonCommand } from '../peers/install.js';
import type { Target } from '../target.js';

export const target: Target = {
  own: false,
  metrics: ['l2', 'ip', 'cosine', 'hamming', 'jaccard'],
  prepare: async () => installPython(['numpy', 'faiss-cpu']),
  command: () => pythonCommand('faiss_peer.py'),
};
