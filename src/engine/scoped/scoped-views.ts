// ScopedViews: the views of one collection by rule, and the files that they made. Those are in a folder of their own, are
// made again when they are gone, and go with the segments that they are of; views that nobody asked for longest go first.

import { fileKey, isFileName, collectionPrefix } from '../../format/keys.js';
import type { FileEntry } from '../../format/manifest.js';
import { ruleId, scopeId, type ScopeMark } from '../../format/row-scope.js';
import { ElanusError } from '../../model/errors.js';
import type { RowRule, RowScope } from '../../model/row-scope.js';
import type { ByteRange, Storage } from '../../ports/storage.js';
import type { CollectionState } from '../collection/collection-state.js';
import { writable } from '../database/environment.js';
import { CollectionFiles } from '../files/collection-files.js';
import type { Spare } from '../files/room.js';
import type { IndexWishes } from '../upkeep/indexer.js';
import { ScopedView, type ScopedManifest } from './scoped-view.js';

/** Rules that are followed at once. */
const VIEWS_MAX = 256;
/** Bytes of files that the views of a collection keep. */
const BYTES_MAX = 8 * 1024 ** 3;

/** What a copy asks for, and the rule that it gets: that and what it may have. */
export interface AskedRule {
  readonly asked: RowScope | undefined;
  readonly rule: RowRule;
}

export class ScopedViews {
  readonly #state: CollectionState;
  readonly #target: CollectionFiles;
  readonly #wishes: () => IndexWishes;
  readonly #bytesMax: number;
  readonly #abort = new AbortController();
  /** Those that were asked for longest ago first. */
  readonly #views = new Map<string, ScopedView>();
  #making: Promise<unknown> = Promise.resolve();
  /** Whether files may be there. */
  #hasFiles = false;

  constructor(state: CollectionState, target: CollectionFiles, wishes: () => IndexWishes, bytesMax = BYTES_MAX) {
    this.#state = state;
    this.#target = target;
    this.#wishes = wishes;
    this.#bytesMax = bytesMax;
  }

  /** What a copy of these rows gets as the newest manifest. Errors: `Unsupported` of an encrypted collection; `InvalidFilter`, `Corrupt`, `OutOfMemory`, `Closed`, those of the storage. */
  async manifest(asked: AskedRule): Promise<ScopedManifest> {
    if (this.#state.files.vault.encrypts) throw new ElanusError('Unsupported', `collection "${this.#state.name}" is encrypted: copies of some of its rows are not served`);
    const mark = await this.#markOf(asked);
    // Who asks for what is there does not wait for others.
    return this.#made(keyOf(mark)) ?? this.#inTurn(async () => this.#made(keyOf(mark)) ?? (await this.#follow(asked.rule, mark)));
  }

  /** A file that a manifest of these rows names, which is the newest or was given lately; undefined if none does. */
  async file(asked: AskedRule, sha256: string): Promise<FileEntry | undefined> {
    const key = keyOf(await this.#markOf(asked));
    if (!this.#views.has(key)) await this.manifest(asked);
    return this.#views.get(key)?.file(sha256, this.#nowMs());
  }

  /** Bytes of a file that `file` gave. */
  async read(file: FileEntry, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const { storage } = this.#state.environment;
    const own = fileKey(this.#target.id, file.name);
    return storage.read((await storage.size(own)) === undefined ? fileKey(this.#state.files.id, file.name) : own, range);
  }

  /** What can be removed to make room: views, with what they made. */
  async spares(storage: Storage): Promise<readonly Spare[]> {
    const spares: Spare[] = [];
    for (const key of await this.#keys()) {
      const name = this.#nameIn(key);
      const remove = async (): Promise<void> => {
        for (const [of, view] of this.#views) if (this.#namesOf(view).includes(name)) this.#views.delete(of);
        await storage.remove(key);
      };
      spares.push({ rank: 1, lastUse: 0, sizeBytes: (await storage.size(key)) ?? 0, remove });
    }
    return spares;
  }

  /** The collection keeps other files than before: after that what is not needed goes. */
  readonly swept = (): void => {
    if (this.#hasFiles) void this.#inTurn(() => this.#tidy()).catch((error: unknown) => this.#state.warn(`${this.#state.name}: old files of scoped copies could not be removed: ${String(error)}`));
  };

  /** Gives up what it made, as nobody knows of it any more. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#views.clear();
    this.swept();
    await this.#making;
  }

  #made(key: string): ScopedManifest | undefined {
    const { manifests } = this.#state;
    const view = this.#views.get(key);
    const made = view?.made(manifests.manifest.version, this.#nowMs());
    if (view === undefined || made === undefined) return undefined;
    this.#views.delete(key);
    this.#views.set(key, view);
    manifests.lease();
    return made;
  }

  // One after the other: each takes memory for a segment.
  async #follow(rule: RowRule, mark: ScopeMark): Promise<ScopedManifest> {
    this.#state.table();
    const key = keyOf(mark);
    const view = this.#views.get(key) ?? new ScopedView(rule, mark);
    this.#views.delete(key);
    this.#views.set(key, view);
    this.#hasFiles = true;
    const { held, letGo } = this.#state.manifests.hold();
    try {
      const scoped = await view.follow(held, { state: this.#state, target: this.#target, wishes: this.#wishes(), signal: this.#abort.signal });
      this.#state.manifests.lease(held.manifest);
      await this.#bound();
      return scoped;
    } finally {
      letGo();
    }
  }

  async #bound(): Promise<void> {
    await this.#tidy();
    // The one that was just made stays.
    for (const key of [...this.#views.keys()].slice(0, -1)) {
      if (this.#views.size <= VIEWS_MAX && (await this.#bytes()) <= this.#bytesMax) return;
      this.#views.delete(key);
      await this.#tidy();
    }
  }

  async #tidy(): Promise<void> {
    const kept = new Set([...this.#views.values()].flatMap((view) => this.#namesOf(view)));
    const storage = writable(this.#state.environment.storage);
    for (const key of await this.#keys()) if (!kept.has(this.#nameIn(key))) await storage.remove(key);
  }

  #namesOf(view: ScopedView): readonly string[] {
    return view.tidied(this.#state.manifests.manifest, this.#nowMs());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#making.then(work);
    this.#making = done.catch(() => undefined);
    return done;
  }

  async #bytes(): Promise<number> {
    const { storage } = this.#state.environment;
    let bytes = 0;
    for (const key of await this.#keys()) bytes += (await storage.size(key)) ?? 0;
    return bytes;
  }

  #nameIn(key: string): string {
    return key.slice(collectionPrefix(this.#target.id).length);
  }

  async #keys(): Promise<readonly string[]> {
    return (await this.#state.environment.storage.list(collectionPrefix(this.#target.id))).filter((key) => isFileName(this.#nameIn(key)));
  }

  async #markOf({ asked, rule }: AskedRule): Promise<ScopeMark> {
    const sha256 = (bytes: Uint8Array): Promise<Uint8Array> => this.#state.environment.ambient.sha256(bytes);
    return { ...(asked === undefined ? {} : { asked: await scopeId(asked, sha256) }), rows: await ruleId(rule, sha256) };
  }

  #nowMs(): number {
    return this.#state.environment.ambient.nowMs();
  }
}

function keyOf({ asked = '', rows }: ScopeMark): string {
  return `${asked} ${rows}`;
}
