// OpenCollections: the collections of a database that are open. Each is opened when first asked for, once.

import type { CatalogEntry } from '../../format/catalog.js';
import { ElanusError } from '../../model/errors.js';
import { EngineCollection } from '../collection/collection.js';
import type { CollectionContext } from '../collection/collection-context.js';
import type { CollectionFiles, CurrentManifest } from '../files/collection-files.js';

/** Times a collection is opened while another writer changes it. */
const TAKE_OVERS_MAX = 5;

export class OpenCollections {
  readonly #context: CollectionContext;
  readonly #filesOf: (entry: CatalogEntry) => Promise<CollectionFiles>;
  readonly #opened = new Map<string, Promise<EngineCollection>>();
  /** Those of which the opening is over. */
  readonly #ready = new Map<string, EngineCollection>();
  /** Ids of collections of which only the next opening will tell whether they were dropped. */
  readonly #doubtful = new Set<string>();

  constructor(context: CollectionContext, filesOf: (entry: CatalogEntry) => Promise<CollectionFiles>) {
    this.#context = context;
    this.#filesOf = filesOf;
  }

  /** The one that `entry` lists. Errors: those of opening it. */
  get(entry: CatalogEntry): Promise<EngineCollection> {
    const known = this.#opened.get(entry.id);
    if (known !== undefined) return known;
    const opened = this.#open(entry);
    this.#opened.set(entry.id, opened);
    // Meanwhile `openBefore` may have given it.
    opened.catch(() => this.#opened.get(entry.id) === opened && this.#opened.delete(entry.id));
    return opened;
  }

  /** Opens what is no manifest's yet, over `files`; it is the one that `entry` lists from then on. REQUIRES: that is not open. */
  async openBefore(entry: CatalogEntry, files: CollectionFiles, current: CurrentManifest): Promise<EngineCollection> {
    const collection = await EngineCollection.open(this.#context, files, current, entry);
    this.#opened.set(entry.id, Promise.resolve(collection));
    this.#ready.set(entry.id, collection);
    return collection;
  }

  /** The one with that id, if it is open or is being opened. */
  opened(id: string): Promise<EngineCollection> | undefined {
    return this.#opened.get(id);
  }

  /** Of all that are open or being opened. */
  get ids(): readonly string[] {
    return [...this.#opened.keys()];
  }

  /** The one with that id, if its opening is over. */
  ready(id: string): EngineCollection | undefined {
    return this.#ready.get(id);
  }

  get allReady(): readonly EngineCollection[] {
    return [...this.#ready.values()];
  }

  /** Nothing may be acknowledged by a collection that the next opening may find dropped. */
  async doubt(id: string): Promise<void> {
    this.#doubtful.add(id);
    await this.close(id);
  }

  /** Closes the one with that id, if it is open. */
  async close(id: string): Promise<void> {
    const opened = this.#opened.get(id);
    this.#ready.delete(id);
    this.#opened.delete(id);
    await opened?.then((collection) => collection.close(), () => undefined);
  }

  /** Sees what another has written to the one with that id; closes it if it is not listed any more. Gives whether anything changed. */
  async refresh(id: string, isListed: boolean): Promise<boolean> {
    const collection = await this.#opened.get(id)?.catch(() => undefined);
    if (collection === undefined) return false;
    const seen = isListed ? await collection.refresh() : 'other';
    if (seen === 'other') await this.close(id);
    return seen !== 'same';
  }

  /** Closes all, whatever fails, and gives the errors. */
  async closeAll(): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    const opened = await Promise.allSettled(this.#opened.values());
    for (const result of opened) if (result.status === 'fulfilled') await result.value.close().catch((error: unknown) => failures.push(error));
    return failures;
  }

  // Where the storage is shared, a writer that is being taken over from may change it meanwhile, but not for long.
  async #open(entry: CatalogEntry): Promise<EngineCollection> {
    const { storage } = this.#context.environment;
    const isShared = 'create' in storage && storage.isShared === true;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#tryToOpen(entry);
      } catch (error) {
        const isBusy = error instanceof ElanusError && error.code === 'Busy';
        if (!isShared || !isBusy || attempt === TAKE_OVERS_MAX) throw error;
      }
    }
  }

  async #tryToOpen(entry: CatalogEntry): Promise<EngineCollection> {
    try {
      if (this.#doubtful.has(entry.id)) throw new ElanusError('StorageFailed', `collection "${entry.name}": a change of it in the catalog failed half-way; whether it is there under this name will be known when the database is opened again`);
      const files = await this.#filesOf(entry);
      const current = await files.currentManifest(entry.origin !== undefined);
      if (current === undefined) {
        if (entry.origin !== undefined) throw new ElanusError('NotFound', `collection "${entry.name}": the pull from ${entry.origin} has not completed`);
        throw new ElanusError('Corrupt', `collection "${entry.name}" has no manifest`, { file: `c${entry.id}/manifest` });
      }
      const collection = await EngineCollection.open(this.#context, files, current, entry);
      this.#ready.set(entry.id, collection);
      return collection;
    } catch (error) {
      if (error instanceof ElanusError && error.code === 'Corrupt') this.#context.warn(`collection "${entry.name}": ${error.message}`);
      throw error;
    }
  }
}
