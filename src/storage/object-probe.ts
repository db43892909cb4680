// The race that an object store must decide before anything is written to it: eight puts of one new name, of which
// exactly one may win. Some servers take the condition and ignore it, or look first and put later; with those, two
// writers would both believe that their manifest is the next.

import { ElanusError } from '../model/errors.js';
import { newTag, type ObjectStore } from './object-store.js';

const racers = 8;

/** Errors: `Unsupported` if not exactly one of the racers won. */
export async function requireCreateOnly(store: ObjectStore): Promise<void> {
  const name = `~probe-${newTag()}`;
  try {
    const contents = Array.from({ length: racers }, (_, i) => Uint8Array.of(i));
    const outcomes = await Promise.all(contents.map((bytes) => store.putNew(name, bytes, { tag: newTag() })));
    const winners = outcomes.flatMap((won, i) => (won ? [i] : []));
    const content = await store.get(name);
    const kept = typeof content === 'object' ? content.bytes[0] : undefined;
    if (winners.length === 1 && winners[0] === kept) return;
    throw new ElanusError('Unsupported', `${store.kind}: of ${racers} that created one object at once, expected 1 to win and to be kept, found ${winners.length}: this store does not honour If-None-Match and can only be read`);
  } finally {
    await store.remove(name);
  }
}
