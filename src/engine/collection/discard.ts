// Discard: what a collection lost is given up for good, by a manifest without the segments that are missing. Their files
// stay as long as those of any manifest that was replaced: until the change after this one, or until room is needed.

import type { CollectionState } from './collection-state.js';

/** Gives how many rows that were. Errors: `ReadOnly`, those of the storage; then nothing changed. */
export async function discardMissing(state: CollectionState): Promise<number> {
  return state.writer().exclusive(async () => {
    const missing = state.missing();
    if (missing.length === 0) return 0;
    const given = new Set(missing.map(({ entry }) => entry.id));
    const rows = missing.reduce((sum, { rows }) => sum + rows, 0);
    await state.manifests.change((before) => ({ ...before, segments: before.segments.filter(({ id }) => !given.has(id)) }));
    state.forgetMissing();
    state.account();
    state.warn(`${state.name}: ${rows} rows whose files are damaged or missing were given up`);
    await state.sweep();
    return rows;
  });
}
