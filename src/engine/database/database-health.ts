// DatabaseHealth: what a database tells of itself, from what its state knows already.

import type { CollectionStats, DatabaseStats, Health } from '../api.js';
import type { DatabaseState } from './database-state.js';

export async function healthOf({ environment, slot, warnings, collections }: DatabaseState): Promise<Health> {
  const { storage, core, durable } = environment;
  const usage = 'usage' in storage ? await storage.usage() : {};
  return {
    storage: storage.kind,
    durable,
    ...usage,
    unsent: collections.allReady.reduce((sum, { outbox }) => sum + (outbox?.unsent ?? 0), 0),
    role: 'owner',
    core: core.kind,
    kernels: core.kernels,
    ...(slot.accelerator === undefined ? {} : { accelerator: slot.accelerator.name }),
    coreMemoryBytes: core.memoryBytes(),
    waitingWrites: collections.allReady.reduce((sum, { waitingWrites }) => sum + waitingWrites, 0),
    warnings: [...(environment.warnings ?? []), ...warnings.all],
  };
}

export async function databaseStatsOf(state: DatabaseState): Promise<DatabaseStats> {
  const { residency, tasks } = state.context;
  const { usedBytes, limitBytes } = residency;
  const opened = await Promise.all(state.collections.ids.map((id) => statsOf(state, id)));
  return {
    collections: opened.filter((stats) => stats !== undefined),
    memory: { usedBytes, ...(limitBytes === undefined ? {} : { limitBytes }), coreBytes: state.environment.core.memoryBytes() },
    tasks: tasks.running(),
  };
}

// Undefined if it does not open, or was dropped meanwhile.
async function statsOf({ collections, written }: DatabaseState, id: string): Promise<CollectionStats | undefined> {
  try {
    return await (await collections.opened(id))?.stats(written.of(id));
  } catch (error) {
    if (collections.opened(id) !== undefined) throw error;
    return undefined;
  }
}
