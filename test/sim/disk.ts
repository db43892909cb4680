// SimDisk: files as a platform keeps them, with what a crash may do to them. It promises what the port's comments promise
// and nothing more, which is the union of what fs, OPFS and IndexedDB leave open:
//
// - `create` that resolved is durable and whole. One in flight leaves nothing (fs, IndexedDB), the whole file (all), or
//   any torn part of it (OPFS: the name is made before the content). So does one that failed: fs has linked the file when
//   the sync of its folder fails, OPFS may fail to remove what it began.
// - A log is created empty by `openLog`, but may be gone after a crash until its first `sync` (OPFS syncs no folder).
// - `append` reaches the disk by `sync` alone. Until then blocks of it are there or not, in any order, the file being long
//   enough to hold them or not; what is missing reads as zeros, or as what was there before.
// - A `sync` that failed has lost what it was to write: a later one that succeeds does not write it (fs: the pages are
//   marked clean).
// - `truncate` that resolved is durable; one in flight or failed is done or not.
// - `remove` need not be durable: the file may be back after a crash, however long ago it was removed, unless its key was
//   created anew (OPFS and fs without a sync of the folder make no promise).
//
// - A process that dies leaves what it wrote in the system's cache: the next one reads it, and a power cut takes of it what
//   nobody synced since. What a failed sync lost stays lost, also for who opens the log anew.
//
// Not modelled: a name made by `create` that is seen after the process died and that a power cut takes away again.

import { NO_BYTES, pick, torn, written, type Bytes, type Random } from './bytes.js';

/** A file now, and as a crash finds it. Never changed, only replaced, so that states may share it. */
export interface DiskFile {
  readonly content: Bytes;
  /** Undefined while the file itself may be lost. */
  readonly durable: Bytes | undefined;
  /** What a failed sync left of it: a later sync adds only what comes behind. */
  readonly failed?: Bytes;
}

/** A change on its way. */
export type Change =
  | { readonly kind: 'create'; readonly key: string; readonly bytes: Bytes }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'openLog'; readonly key: string }
  | { readonly kind: 'append'; readonly key: string; readonly offset: number; readonly bytes: Bytes }
  | { readonly kind: 'sync'; readonly key: string }
  | { readonly kind: 'truncate'; readonly key: string; readonly sizeBytes: number };

/** All that a crash at one moment can depend on. */
export interface DiskState extends Remains {
  readonly inFlight: readonly Change[];
}

/** What is left when a process has ended, in whatever way. */
export interface Remains {
  readonly files: ReadonlyMap<string, DiskFile>;
  /** Files that were removed, as a power cut may bring them back. */
  readonly removed: ReadonlyMap<string, Bytes>;
}

const NOTHING: Remains = { files: new Map(), removed: new Map() };

/** Files that are durable as they are. */
export function durable(files: ReadonlyMap<string, Bytes>): Remains {
  return { files: new Map([...files].map(([key, bytes]) => [key, { content: bytes, durable: bytes }])), removed: new Map() };
}

export class SimDisk {
  readonly files: Map<string, DiskFile>;
  readonly #removed: Map<string, Bytes>;
  readonly #inFlight = new Set<Change>();

  constructor({ files, removed }: Remains = NOTHING) {
    this.files = new Map(files);
    this.#removed = new Map(removed);
  }

  state(): DiskState {
    return { files: new Map(this.files), removed: new Map(this.#removed), inFlight: [...this.#inFlight] };
  }

  begin(change: Change): void {
    this.#inFlight.add(change);
  }

  /** The change is done, and durable as far as its kind promises. */
  finish(change: Change): void {
    this.#inFlight.delete(change);
    this.#apply(change);
  }

  /** The change failed; what that leaves is told by `next`. */
  fail(change: Change, next: Random): void {
    this.#inFlight.delete(change);
    const file = this.files.get(change.key);
    if (change.kind === 'create') {
      const left = next() < 0.5 ? undefined : torn(NO_BYTES, change.bytes, next);
      if (left !== undefined) this.#apply({ ...change, bytes: left });
    } else if (change.kind === 'append') {
      this.#apply({ ...change, bytes: change.bytes.slice(0, Math.floor(next() * (change.bytes.length + 1))) });
    } else if (change.kind === 'sync') {
      if (file !== undefined) this.files.set(change.key, { ...file, failed: torn(file.failed ?? file.durable ?? NO_BYTES, file.content, next) });
    } else if (next() < 0.5) this.#apply(change);
  }

  #apply(change: Change): void {
    const { key } = change;
    const file = this.files.get(key);
    switch (change.kind) {
      case 'create':
        this.#removed.delete(key);
        this.files.set(key, { content: change.bytes, durable: change.bytes });
        break;
      case 'remove':
        if (file?.durable !== undefined) this.#removed.set(key, file.durable);
        this.files.delete(key);
        break;
      case 'openLog':
        if (file === undefined) this.files.set(key, { content: NO_BYTES, durable: undefined });
        break;
      case 'append':
        if (file !== undefined) this.files.set(key, { ...file, content: written(file.content, change.offset, change.bytes) });
        break;
      case 'sync':
        if (file === undefined) break;
        this.#removed.delete(key);
        this.files.set(key, synced(file));
        break;
      case 'truncate':
        if (file !== undefined) this.files.set(key, { content: file.content.slice(0, change.sizeBytes), durable: synced(file).durable?.slice(0, change.sizeBytes) });
    }
  }
}

function synced({ content, failed }: DiskFile): DiskFile {
  if (failed === undefined) return { content, durable: content };
  return { content, durable: written(written(content, 0, failed), failed.length, content.subarray(failed.length)), failed };
}

/** One way in which a power cut at this moment can leave the files. */
export function crash(state: DiskState, next: Random): Remains {
  const left = new Map<string, Bytes>();
  for (const [key, { content, durable, failed }] of state.files) {
    if (durable === undefined && next() < 0.5) continue;
    left.set(key, torn(durable ?? NO_BYTES, failed === undefined ? content : written(content, 0, failed), next));
  }
  for (const [key, bytes] of state.removed) if (!left.has(key) && next() < 0.5) left.set(key, bytes);
  for (const change of state.inFlight) crashDuring(change, left, next);
  return durable(left);
}

function crashDuring(change: Change, left: Map<string, Bytes>, next: Random): void {
  const { key } = change;
  const file = left.get(key);
  if (change.kind === 'create') {
    // The key may be there already: then nothing is written.
    if (file === undefined && next() < 0.75) left.set(key, torn(NO_BYTES, change.bytes, next));
  } else if (change.kind === 'openLog') {
    if (file === undefined && next() < 0.5) left.set(key, NO_BYTES);
  } else if (file === undefined) {
    return;
  } else if (change.kind === 'remove') {
    if (next() < 0.5) left.delete(key);
  } else if (change.kind === 'append') {
    left.set(key, torn(file, written(file, change.offset, change.bytes), next));
  } else if (change.kind === 'truncate' && next() < 0.5) {
    left.set(key, file.slice(0, change.sizeBytes));
  }
}

/** The files as a process leaves them that ends, or is killed, at this moment: what is not synced a power cut may still take. */
export function killed(state: DiskState, next: Random): Remains {
  const disk = new SimDisk(state);
  for (const change of state.inFlight) {
    if (change.kind === 'append') disk.finish({ ...change, bytes: change.bytes.slice(0, pick(next, [0, change.bytes.length, Math.floor(next() * change.bytes.length)])) });
    else if (change.kind === 'create' && !disk.files.has(change.key) && next() < 0.75) disk.finish({ ...change, bytes: torn(NO_BYTES, change.bytes, next) });
    else if (change.kind !== 'create' && next() < 0.5) disk.finish(change);
  }
  return disk.state();
}
