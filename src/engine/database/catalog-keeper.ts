// CatalogKeeper: the current catalog of a database, and how it is replaced by the next.

import type { Catalog, CatalogContent } from '../../format/catalog.js';
import type { Storage } from '../../ports/storage.js';
import { putCatalog, removeNewerCatalogs } from './catalog-files.js';
import type { Keyring } from './keyring.js';
import { lacksRoom } from '../files/room.js';

export interface StoreOptions {
  /** Seals the catalog; that of the database by default. */
  readonly keyring?: Keyring;
  /** Removes all older catalogs, so that keys that they had are gone. */
  readonly forget?: boolean;
  /** Called if it is not known which catalog the next opening will find. */
  readonly onDoubt?: () => Promise<void>;
}

export class CatalogKeeper {
  readonly #warn: (message: string) => void;
  #catalog: Catalog;
  #keyring: Keyring;
  /** Catalogs of which it is not known whether they were stored, by version. */
  readonly #attempts = new Map<number, Uint8Array>();

  constructor(catalog: Catalog, keyring: Keyring, warn: (message: string) => void) {
    this.#catalog = catalog;
    this.#keyring = keyring;
    this.#warn = warn;
  }

  get catalog(): Catalog {
    return this.#catalog;
  }

  get content(): CatalogContent {
    return contentOf(this.#catalog);
  }

  get keyring(): Keyring {
    return this.#keyring;
  }

  /** Another has stored this one. */
  become(catalog: Catalog): void {
    this.#catalog = catalog;
  }

  useKeyring(keyring: Keyring): void {
    this.#keyring = keyring;
  }

  // The storage may have a catalog although storing it failed. Then the one before is stored again, above it; where there
  // is no room for that either, what was left is removed.
  async store(storage: Storage, content: CatalogContent, { keyring = this.#keyring, forget = false, onDoubt }: StoreOptions = {}): Promise<void> {
    try {
      await this.#put(storage, content, keyring, forget);
    } catch (error) {
      try {
        await this.#put(storage, contentOf(this.#catalog), this.#keyring, false);
      } catch (again) {
        await (lacksRoom(again) ? removeNewerCatalogs(storage, this.#catalog.version) : Promise.reject(again)).catch(() => onDoubt?.());
      }
      throw error;
    }
  }

  async #put(storage: Storage, content: CatalogContent, keyring: Keyring, forget: boolean): Promise<void> {
    const before = { version: this.#catalog.version, attempts: this.#attempts };
    this.#catalog = await putCatalog(storage, content, { before, keyring, warn: this.#warn, forget });
    this.#attempts.clear();
  }
}

function contentOf({ collections, aliases, databases }: Catalog): CatalogContent {
  return { collections, ...(aliases === undefined ? {} : { aliases }), ...(databases === undefined ? {} : { databases }) };
}
