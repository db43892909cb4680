// DatabaseState: what the verbs of a database share: its environment, its catalog and the collections that are open.
// Changes of the catalog go one at a time.

import { DEFAULT_DATABASE, type Catalog, type CatalogContent, type CatalogEntry } from '../../format/catalog.js';
import { ElanusError } from '../../model/errors.js';
import { AcceleratorSlot } from './accelerator-slot.js';
import { Background } from './background.js';
import { Bell } from './bell.js';
import { blockCacheBytes } from '../files/block-cache.js';
import { readCatalog, unlistedCollections } from './catalog-files.js';
import { CatalogKeeper } from './catalog-keeper.js';
import { withAliases } from './catalog-names.js';
import type { CollectionContext } from '../collection/collection-context.js';
import { CollectionFiles } from '../files/collection-files.js';
import { writable, type Environment } from './environment.js';
import { closedSpares } from '../files/eviction.js';
import type { Keyring } from './keyring.js';
import { OpenCollections } from './open-collections.js';
import { Residency } from '../table/residency.js';
import { Room, type Spare } from '../files/room.js';
import { RoomStorage } from '../files/room-storage.js';
import { Tasks } from './tasks.js';
import { plainVault } from '../files/vault.js';
import { Warnings } from './warnings.js';
import { WriteCounts } from '../files/written-bytes.js';

export class DatabaseState {
  readonly name: string;
  readonly environment: Environment;
  readonly context: CollectionContext;
  readonly catalogs: CatalogKeeper;
  readonly collections: OpenCollections;
  readonly warnings: Warnings;
  readonly written = new WriteCounts();
  readonly slot = new AcceleratorSlot((message) => this.warn(message));
  /** Rung when a copy was written to. */
  readonly ownWrites = new Bell();
  /** Rung when there may be room again in the storage. */
  readonly roomCame = new Bell();
  /** Pulls under way, by database and collection: files of these must stay. */
  readonly pulls = new Map<string, Promise<unknown>>();
  readonly #room: Room | undefined;
  readonly #storage: RoomStorage | undefined;
  #changing: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  /** What the storage has was not all taken over, as that failed. */
  #isBehind = false;

  constructor(name: string, given: Environment, catalog: Catalog, keyring: Keyring) {
    const warn = this.warn;
    this.name = name;
    this.warnings = new Warnings(given.ambient);
    this.catalogs = new CatalogKeeper(catalog, keyring, warn);
    if ('create' in given.storage) {
      this.#room = new Room(given.storage, given.ambient, { spares: () => this.#spares(), warn }, given.reserveBytes);
      this.#storage = new RoomStorage(given.storage, this.#room);
    }
    const optional = this.#room === undefined || !('create' in given.storage) ? undefined : new RoomStorage(given.storage, this.#room, true);
    const environment = { ...given, storage: this.written.count(this.#storage ?? given.storage), optionalStorage: optional && this.written.count(optional) };
    this.environment = environment;
    const residency = new Residency(environment.core, environment.memoryBytes, warn);
    if (keyring.encrypts) residency.hold(keyring, blockCacheBytes(environment.memoryBytes));
    const { slot } = this;
    this.context = {
      environment,
      background: new Background(environment.core),
      tasks: new Tasks(warn),
      residency,
      room: this.#room,
      warn,
      wroteOwn: this.ownWrites.ring,
      engines: {
        core: environment.core,
        concurrent: environment.concurrent === true,
        pause: () => environment.ambient.pause(),
        get accelerator() {
          return slot.accelerator;
        },
        wantAccelerator: () => slot.use(),
        acceleratorFailed: (error) => slot.failed(error),
      },
    };
    this.collections = new OpenCollections(this.context, (entry) => this.filesOf(entry));
  }

  /** Adds to the warnings of `health()`. */
  readonly warn = (message: string): void => this.warnings.add(message);

  get entries(): Catalog['collections'] {
    return this.catalogs.catalog.collections;
  }

  get content(): CatalogContent {
    return this.catalogs.content;
  }

  hasId(id: string): boolean {
    return this.entries.some((entry) => entry.id === id);
  }

  async filesOf(entry: CatalogEntry): Promise<CollectionFiles> {
    return new CollectionFiles(entry.id, this.environment, await this.catalogs.keyring.vaultOf(entry));
  }

  /** Errors: `Closed`. */
  requireOpen(): void {
    if (this.#closing !== undefined) throw new ElanusError('Closed', `database "${this.name}" is closed`);
  }

  /** Runs one change of the catalog after the other. */
  change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(() => {
      this.requireOpen();
      return work();
    });
    this.#changing = done.catch(() => undefined);
    return done;
  }

  /** Stores another catalog, unless `edit` gives the same. `renamed`: takes no more writes if it is not known what it is called. Within `change`. */
  async edit(edit: (before: CatalogContent) => CatalogContent, renamed?: CatalogEntry): Promise<void> {
    const storage = writable(this.environment.storage);
    const before = this.catalogs.content;
    const content = edit(before);
    if (content === before) return;
    await this.catalogs.store(storage, content, renamed === undefined ? {} : { onDoubt: () => this.collections.doubt(renamed.id) });
  }

  /** Adds a collection to the catalog. Within `change`. */
  async list(entry: CatalogEntry): Promise<void> {
    await this.edit((content) => ({ ...content, collections: [...content.collections, entry] }));
    await this.#room?.keepReserve();
  }

  /** Takes a collection out of the catalog, then closes it and removes its files. Within `change`. */
  async unlist(entry: CatalogEntry): Promise<void> {
    const { content } = this;
    const rest = withAliases({ ...content, collections: content.collections.filter(({ id }) => id !== entry.id) }, (content.aliases ?? []).filter(({ collection }) => collection !== entry.id));
    await this.catalogs.store(writable(this.environment.storage), rest, { forget: this.catalogs.keyring.encrypts, onDoubt: () => this.collections.doubt(entry.id) });
    await this.collections.close(entry.id);
    this.environment.core.trim?.();
    await this.#removeFiles(entry.id);
    this.written.forget(entry.id);
  }

  /** `unlist` with the reserve, as it frees room. */
  async drop(entry: CatalogEntry): Promise<void> {
    await this.#storage?.freeing(() => this.unlist(entry));
    await this.#room?.keepReserve();
    for (const collection of this.collections.allReady) collection.roomCame();
    this.roomCame.ring();
  }

  /** Reports what reading the catalog found and removes what a crash left. Called once, before anything else. */
  async recover(warnings: readonly string[]): Promise<void> {
    warnings.forEach(this.warn);
    const { storage } = this.environment;
    if (!('create' in storage)) return;
    // Where it is shared, what is not listed may be what another is creating.
    if (storage.isShared === true) return;
    for (const id of await unlistedCollections(storage, this.catalogs.catalog)) await this.#removeFiles(id);
    if (this.entries.length > 0) await this.#room?.keepReserve();
  }

  /** Sees what another has written since, where this database only reads. False if nothing changed. */
  refresh(): Promise<boolean> {
    return this.change(async () => {
      const { storage } = this.environment;
      if ('create' in storage) return false;
      if ((await storage.refresh?.()) === false && !this.#isBehind) return false;
      this.#isBehind = true;
      const { catalog } = await readCatalog(storage, this.catalogs.keyring);
      let isChanged = catalog.version !== this.catalogs.catalog.version;
      this.catalogs.become(catalog);
      for (const { id, name } of this.entries) this.collections.ready(id)?.rename(name);
      for (const id of this.collections.ids) isChanged = (await this.collections.refresh(id, this.hasId(id))) || isChanged;
      this.#isBehind = false;
      return isChanged;
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#changing;
    const failures = await this.collections.closeAll();
    this.slot.close();
    // Whatever failed: a storage that stays open keeps everybody else out.
    await this.environment.storage.close();
    if (failures.length > 0) throw failures[0];
  }

  // Those that are being opened are left alone: that may be what lacks room.
  async #spares(): Promise<readonly Spare[]> {
    const storage = writable(this.environment.storage);
    const spares: Spare[] = [];
    for (const entry of this.entries) {
      const { id, origin } = entry;
      if (this.pulls.has(fullName(entry))) continue;
      const ready = this.collections.ready(id);
      if (ready !== undefined) spares.push(...(await ready.spares(storage)));
      else if (this.collections.opened(id) === undefined) spares.push(...(await closedSpares(id, origin !== undefined, storage)));
    }
    return spares;
  }

  async #removeFiles(id: string): Promise<void> {
    await new CollectionFiles(id, this.environment, plainVault).removeAll();
  }
}

/** Of a collection, among all databases of a storage. */
export function fullName({ database = DEFAULT_DATABASE, name }: Pick<CatalogEntry, 'database' | 'name'>): string {
  return `${database}.${name}`;
}
