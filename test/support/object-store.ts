// An object store in memory whose calls take a seeded number of turns before and after they are done, so that calls of
// several writers meet in any order. A seed is a run.

import type { ObjectContent, ObjectHead, ObjectMark, ObjectStore } from '../../src/storage/object-store.js';
import type { ByteRange, Storage } from '../../src/ports/storage.js';
import { GuardedStorage } from '../../src/storage/guard.js';
import { ObjectBackend } from '../../src/storage/objects.js';
import { randomInteger } from './random.js';

export type Objects = Map<string, ObjectContent>;

const turnsMax = 6;

/** One writer's way to the objects. */
export function objectStorage(objects: Objects, next: () => number): Storage {
  return new GuardedStorage(new ObjectBackend(new TurningStore(objects, next)));
}

class TurningStore implements ObjectStore {
  readonly kind = 'turning';

  constructor(private readonly objects: Objects, private readonly next: () => number) {}

  head(name: string): Promise<ObjectHead | undefined> {
    return this.turn(() => this.objects.get(name));
  }

  get(name: string, range?: ByteRange): Promise<ObjectContent | 'beyond' | undefined> {
    return this.turn(() => {
      const object = this.objects.get(name);
      if (object === undefined || range === undefined) return object === undefined ? undefined : { ...object, bytes: object.bytes.slice() };
      return range.offset >= object.sizeBytes ? 'beyond' : { ...object, bytes: object.bytes.slice(range.offset, range.offset + range.length) };
    });
  }

  list(prefix: string): Promise<{ readonly name: string; readonly sizeBytes: number }[]> {
    return this.turn(() => [...this.objects].filter(([name]) => name.startsWith(prefix)).map(([name, { sizeBytes }]) => ({ name, sizeBytes })));
  }

  putNew(name: string, bytes: Uint8Array, mark: ObjectMark): Promise<boolean> {
    return this.turn(() => {
      if (this.objects.has(name)) return this.objects.get(name)?.tag === mark.tag;
      this.objects.set(name, objectOf(bytes, mark));
      return true;
    });
  }

  put(name: string, bytes: Uint8Array, mark: ObjectMark): Promise<void> {
    return this.turn(() => void this.objects.set(name, objectOf(bytes, mark)));
  }

  remove(name: string): Promise<void> {
    return this.turn(() => void this.objects.delete(name));
  }

  private async turn<T>(work: () => T): Promise<T> {
    for (let turn = randomInteger(this.next, turnsMax); turn > 0; turn--) await undefined;
    const done = work();
    for (let turn = randomInteger(this.next, turnsMax); turn > 0; turn--) await undefined;
    return done;
  }
}

function objectOf(bytes: Uint8Array, { tag, isLog = false }: ObjectMark): ObjectContent {
  return { bytes: Uint8Array.from(bytes), sizeBytes: bytes.length, tag, isLog };
}
