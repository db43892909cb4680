// PublishedDatabase: a published folder, read only: which collections it has, and each opened when it is asked for.

import { decodeEnvelope } from '../format/envelope.js';
import { CATALOG_BYTES_MAX } from '../format/catalog.js';
import { CATALOG_PREFIX, isCollectionId, manifestPrefix, versionOf } from '../format/keys.js';
import { readBounded } from '../engine/files/bounded-read.js';
import { LIMITS } from '../model/limits.js';
import type { SearchCore } from '../ports/core.js';
import type { ReadStorage } from '../ports/storage.js';
import { within } from './beyond.js';
import { plainManifest } from './plain-manifest.js';
import { PublishedCollection } from './published-collection.js';

interface Named {
  readonly name: string;
  readonly database?: string;
}

interface PlainCatalog {
  readonly collections: readonly (Named & { readonly id: string; readonly key?: string })[];
  readonly aliases?: readonly (Named & { readonly collection: string })[];
}

export class PublishedDatabase {
  readonly #storage: ReadStorage;
  readonly #core: SearchCore;
  readonly #catalog: PlainCatalog;
  readonly #opened = new Map<string, Promise<PublishedCollection>>();

  private constructor(storage: ReadStorage, core: SearchCore, catalog: PlainCatalog) {
    this.#storage = storage;
    this.#core = core;
    this.#catalog = catalog;
  }

  /** Errors: `Beyond`, those of the storage. */
  static async open(storage: ReadStorage, core: SearchCore): Promise<PublishedDatabase> {
    return new PublishedDatabase(storage, core, await plainCatalog(storage));
  }

  /** A collection of the default database, by its name or an alias. Errors: `Beyond`, those of the storage. */
  collection(name: string): Promise<PublishedCollection> {
    const isMeant = (named: Named): boolean => named.name === name && named.database === undefined;
    const { collections, aliases = [] } = this.#catalog;
    const alias = aliases.find(isMeant);
    const entry = collections.find((one) => (alias === undefined ? isMeant(one) : one.id === alias.collection));
    within(entry !== undefined && entry.key === undefined && isCollectionId(entry.id), 'collection');
    let opened = this.#opened.get(entry.id);
    if (opened === undefined) {
      opened = this.#open(entry.name, entry.id);
      this.#opened.set(entry.id, opened);
    }
    return opened;
  }

  async #open(name: string, id: string): Promise<PublishedCollection> {
    const { key, bytes } = await newest(this.#storage, manifestPrefix(id), LIMITS.manifestBytesMax);
    const manifest = plainManifest(bytes, id, key);
    return PublishedCollection.open(name, { storage: this.#storage, core: this.#core, id, schema: manifest.schema }, manifest);
  }
}

async function plainCatalog(storage: ReadStorage): Promise<PlainCatalog> {
  const { key, bytes } = await newest(storage, CATALOG_PREFIX, CATALOG_BYTES_MAX);
  // Each is stored twice; without its second copy one may have been torn.
  within((versionOf(key) as number) % 2 === 0, key);
  return decodeEnvelope(bytes, CATALOG_BYTES_MAX, key) as unknown as PlainCatalog;
}

/** The file of the highest version. */
async function newest(storage: ReadStorage, prefix: string, bytesMax: number): Promise<{ readonly key: string; readonly bytes: Uint8Array }> {
  const key = (await storage.list(prefix)).filter((found) => versionOf(found) !== undefined).at(-1);
  within(key !== undefined, prefix);
  return { key, bytes: await readBounded(storage, key, bytesMax) };
}
