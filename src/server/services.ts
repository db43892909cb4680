// Services: what a server keeps besides its databases, made once and handed to every call, whichever protocol it came by.

import type { Ambient } from '../ports/ambient.js';
import { Compactions } from './milvus/compactions.js';

export interface Services {
  readonly compactions: Compactions;
  /** Ends what runs by itself. */
  close(): Promise<void>;
}

export function createServices(log: Ambient['log']): Services {
  const compactions = new Compactions(log, Date.now());
  return { compactions, close: () => compactions.close() };
}
