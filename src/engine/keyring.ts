// Keyring: which key opens what. Each collection has a data key of its own, wrapped by the master key and kept in the
// catalog, so that one new catalog changes the master key and one without an entry destroys a collection's key.

import { decodeCatalog, type Catalog, type CatalogEntry } from '../format/catalog.js';
import { concatBytes, encodeText } from '../format/bytes.js';
import { NONCE_BYTES } from '../format/sealed-file.js';
import { decodeSealedKey, encodeSealedKey, SEALED_KEY_BYTES, sealedKeyHex, sealedKeyOfHex, startsWithSealedKey, type SealedKey } from '../format/sealed-key.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import type { Ambient } from '../ports/ambient.js';
import type { MasterKey, WrapContext } from '../ports/cipher.js';
import { SealedVault } from './sealed-vault.js';
import { plainVault, requirePlain, type Vault } from './vault.js';

export interface Keyring {
  readonly encrypts: boolean;
  /** The key member for the catalog entry of a new collection of that id; undefined where nothing is encrypted. */
  newKey(id: string): Promise<string | undefined>;
  /** What opens and seals the files of that collection. Errors: `Corrupt`. */
  vaultOf(entry: Pick<CatalogEntry, 'id' | 'key'>): Promise<Vault>;
  /** Bytes of a catalog to be stored under `key`. */
  sealCatalog(bytes: Uint8Array, key: string): Promise<Uint8Array>;
  /** Errors: `Corrupt`, `Unsupported`, `WrongKey`. */
  openCatalog(stored: Uint8Array, key: string): Promise<Uint8Array>;
}

export const plainKeyring: Keyring = {
  encrypts: false,
  newKey: async () => undefined,
  vaultOf: async () => plainVault,
  sealCatalog: async (bytes) => bytes,
  async openCatalog(stored, key) {
    if (startsWithSealedKey(stored)) decodeSealedKey(stored, key);
    requirePlain(stored, key);
    return stored;
  },
};

/** What the data key in front of a catalog is bound to. */
const CATALOG = 'catalog';

export class SealedKeyring implements Keyring {
  readonly encrypts = true;
  readonly #master: MasterKey;
  readonly #ambient: Ambient;
  /** By key member. */
  readonly #vaults = new Map<string, Promise<Vault>>();

  constructor(master: MasterKey, ambient: Ambient) {
    this.#master = master;
    this.#ambient = ambient;
  }

  async newKey(id: string): Promise<string> {
    return sealedKeyHex(await this.#generate(id));
  }

  vaultOf({ id, key }: Pick<CatalogEntry, 'id' | 'key'>): Promise<Vault> {
    const name = `${id} ${String(key)}`;
    const vault = this.#vaults.get(name) ?? this.#openVault(id, key);
    this.#vaults.set(name, vault);
    return vault;
  }

  async #openVault(id: string, key: string | undefined): Promise<Vault> {
    const where = `c${id}`;
    requireIntact(key !== undefined, where, 'the catalog has no key of it');
    return this.#vault(sealedKeyOfHex(key, where, 'key'), id, where);
  }

  async sealCatalog(bytes: Uint8Array, key: string): Promise<Uint8Array> {
    const sealedKey = await this.#generate(CATALOG);
    const sealed = await (await this.#vault(sealedKey, CATALOG, key)).seal(bytes, key);
    return concatBytes([encodeSealedKey(sealedKey), sealed.bytes]);
  }

  async openCatalog(stored: Uint8Array, key: string): Promise<Uint8Array> {
    if (!startsWithSealedKey(stored)) {
      decodeCatalog(stored, key);
      throw new ElanusError('WrongKey', `${key}: this database is not encrypted: open it without encryption`, { file: key });
    }
    const vault = await this.#vault(decodeSealedKey(stored, key), CATALOG, key);
    return vault.open(stored.subarray(SEALED_KEY_BYTES), { about: key, where: key });
  }

  /** The vault of a collection's key as a server sent it. Errors: `Corrupt`, `WrongKey` if it is wrapped by another key. */
  async received(id: string, bytes: Uint8Array, where: string): Promise<{ readonly vault: Vault; readonly key: string }> {
    requireIntact(bytes.length === SEALED_KEY_BYTES, where, `expected ${SEALED_KEY_BYTES} bytes, found ${bytes.length}`);
    const sealedKey = decodeSealedKey(bytes, where);
    return { vault: await this.#vault(sealedKey, id, where), key: sealedKeyHex(sealedKey) };
  }

  /** The same collections, their keys wrapped by `next`. */
  async rewrap(collections: Catalog['collections'], next: MasterKey): Promise<Catalog['collections']> {
    const entries: CatalogEntry[] = [];
    for (const entry of collections) {
      const where = `c${entry.id}`;
      const { nonce, wrapped } = sealedKeyOfHex(entry.key ?? '', where, 'key');
      const context = this.#context(entry.id);
      const rewrapped = await this.#master.rewrap(wrapped, { ...context, nonce }, next, context);
      requireIntact(rewrapped !== undefined, where, 'the key in the catalog is not as it was wrapped');
      entries.push({ ...entry, key: sealedKeyHex({ nonce: context.nonce, wrapped: rewrapped }) });
    }
    return entries;
  }

  async #generate(about: string): Promise<SealedKey> {
    const context = this.#context(about);
    return { nonce: context.nonce, wrapped: await this.#master.generate(context) };
  }

  async #vault({ nonce, wrapped }: SealedKey, about: string, where: string): Promise<Vault> {
    const key = await this.#master.unwrap(wrapped, { ...this.#context(about), nonce });
    if (key === undefined) throw new ElanusError('WrongKey', `${where}: it was encrypted with another key`, { file: where });
    return new SealedVault(key, this.#ambient);
  }

  /** With a nonce that was never used. */
  #context(about: string): WrapContext {
    return { nonce: this.#ambient.randomBytes(NONCE_BYTES), about: encodeText(`elanus key 1\n${about}`) };
  }
}

/** A collection's key member as a server hands it out. */
export function sentKey(entry: Pick<CatalogEntry, 'id' | 'key'>): Uint8Array<ArrayBuffer> | undefined {
  return entry.key === undefined ? undefined : encodeSealedKey(sealedKeyOfHex(entry.key, `c${entry.id}`, 'key'));
}
