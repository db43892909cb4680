// Keyring: which key opens what. Each collection has a data key of its own, wrapped by the master key and kept in the
// catalog, so that one new catalog changes the master key and one without an entry destroys a collection's key.

import { decodeCatalog, type Catalog, type CatalogEntry } from '../../format/catalog.js';
import { NONCE_BYTES } from '../../format/sealed-file.js';
import { decodeSealedCatalog, decodeSentKey, encodeSealedCatalog, keyAbout, sealedKeyHex, sealedKeyOfHex, startsWithSealedKey, type SealedKey } from '../../format/sealed-key.js';
import { ElanusError, requireIntact } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Cipher, EncryptionKey, MasterKey, WrapContext } from '../../ports/cipher.js';
import type { Environment } from './environment.js';
import { BlockCache, blockCacheBytes } from '../files/block-cache.js';
import { SealedVault } from '../files/sealed-vault.js';
import { plainVault, requirePlain, type Vault } from '../files/vault.js';

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
  /** The key of a collection as a server sent it. Errors: `Corrupt`, `WrongKey`. */
  receive(sent: Uint8Array, where: string): Promise<ReceivedKey>;
  /**
   * The same collections, their keys wrapped by a new master key, and the ring of that. Errors: `InvalidArgument`;
   * `WrongKey` where nothing is encrypted.
   */
  change(collections: Catalog['collections'], key: EncryptionKey): Promise<{ readonly collections: Catalog['collections']; readonly keyring: Keyring }>;
}

export interface ReceivedKey {
  readonly id: string;
  /** For the catalog entry. */
  readonly key: string | undefined;
  readonly vault: Vault;
}

/** Errors: `InvalidArgument` if the key is none. */
export async function keyringOf({ ambient, encryption, memoryBytes }: Pick<Environment, 'ambient' | 'encryption' | 'memoryBytes'>): Promise<Keyring> {
  return encryption === undefined ? plainKeyring : new SealedKeyring(encryption.cipher, await encryption.cipher.masterKey(encryption.key), ambient, new BlockCache(blockCacheBytes(memoryBytes)));
}

export const plainKeyring: Keyring = {
  encrypts: false,
  newKey: async () => undefined,
  vaultOf: async () => plainVault,
  sealCatalog: async (bytes) => bytes,
  async openCatalog(stored, key) {
    if (startsWithSealedKey(stored)) decodeSealedCatalog(stored, key);
    requirePlain(stored, key);
    return stored;
  },
  async receive(_sent, where) {
    throw new ElanusError('WrongKey', `${where}: it is encrypted: open the database with its key, as encryption.key`);
  },
  async change() {
    throw new ElanusError('WrongKey', 'changeKey: this database is not encrypted');
  },
};

/** What the data key in front of a catalog is bound to. */
const CATALOG = 'catalog';

export class SealedKeyring implements Keyring {
  readonly encrypts = true;
  readonly #cipher: Cipher;
  readonly #master: MasterKey;
  readonly #ambient: Ambient;
  readonly #blocks: BlockCache;

  constructor(cipher: Cipher, master: MasterKey, ambient: Ambient, blocks: BlockCache) {
    this.#cipher = cipher;
    this.#master = master;
    this.#ambient = ambient;
    this.#blocks = blocks;
  }

  async newKey(id: string): Promise<string> {
    return sealedKeyHex(await this.#generate(id));
  }

  async vaultOf({ id, key }: Pick<CatalogEntry, 'id' | 'key'>): Promise<Vault> {
    const where = `c${id}`;
    requireIntact(key !== undefined, where, 'the catalog has no key of it');
    return this.#vault(sealedKeyOfHex(key, where, 'key'), id, where);
  }

  async sealCatalog(bytes: Uint8Array, key: string): Promise<Uint8Array> {
    const sealedKey = await this.#generate(CATALOG);
    const sealed = await (await this.#vault(sealedKey, CATALOG, key)).seal(bytes, key);
    return encodeSealedCatalog(sealedKey, sealed.bytes);
  }

  async openCatalog(stored: Uint8Array, key: string): Promise<Uint8Array> {
    if (!startsWithSealedKey(stored)) {
      decodeCatalog(stored, key);
      throw new ElanusError('WrongKey', `${key}: this database is not encrypted: open it without encryption`, { file: key });
    }
    // One that was torn under another key is torn, and no wrong key.
    const { sealedKey, file } = decodeSealedCatalog(stored, key);
    return (await this.#vault(sealedKey, CATALOG, key)).open(file, { about: key, where: key });
  }

  async receive(sent: Uint8Array, where: string): Promise<ReceivedKey> {
    const { id, sealedKey } = decodeSentKey(sent, where);
    return { id, key: sealedKeyHex(sealedKey), vault: await this.#vault(sealedKey, id, where) };
  }

  async change(collections: Catalog['collections'], key: EncryptionKey): Promise<{ readonly collections: Catalog['collections']; readonly keyring: Keyring }> {
    const next = await this.#cipher.masterKey(key);
    const entries: CatalogEntry[] = [];
    for (const entry of collections) entries.push({ ...entry, key: await this.#rewrap(entry, next) });
    return { collections: entries, keyring: new SealedKeyring(this.#cipher, next, this.#ambient, this.#blocks) };
  }

  async #rewrap({ id, key }: CatalogEntry, next: MasterKey): Promise<string> {
    const where = `c${id}`;
    const { nonce, wrapped } = sealedKeyOfHex(key ?? '', where, 'key');
    const context = this.#context(id);
    const rewrapped = await this.#master.rewrap(wrapped, { ...context, nonce }, next, context);
    requireIntact(rewrapped !== undefined, where, 'the key in the catalog is not as it was wrapped');
    return sealedKeyHex({ nonce: context.nonce, wrapped: rewrapped });
  }

  async #generate(about: string): Promise<SealedKey> {
    const context = this.#context(about);
    return { nonce: context.nonce, wrapped: await this.#master.generate(context) };
  }

  async #vault({ nonce, wrapped }: SealedKey, about: string, where: string): Promise<Vault> {
    const key = await this.#master.unwrap(wrapped, { ...this.#context(about), nonce });
    if (key === undefined) throw new ElanusError('WrongKey', `${where}: it was encrypted with another key`, { file: where });
    return new SealedVault(key, this.#ambient, this.#blocks);
  }

  /** With a nonce that was never used. */
  #context(about: string): WrapContext {
    return { nonce: this.#ambient.randomBytes(NONCE_BYTES), about: keyAbout(about) };
  }
}
