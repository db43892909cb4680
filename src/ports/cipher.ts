// Cipher: the port for authenticated encryption and for signatures. AES-256-GCM under keys that never leave it: a master key, which the caller
// has, wraps data keys, which are stored; of a data key and a salt each file gets a key of its own. Ed25519 (RFC 8032) says who a message is from.

/** 32 bytes; or a CryptoKey of AES-GCM with 256 bits and the usages `wrapKey` and `unwrapKey`, which need not be extractable. */
export type EncryptionKey = Uint8Array | CryptoKey;

export interface Cipher {
  /** Copies the key. Errors: `InvalidArgument` if it is no such key. */
  masterKey(key: EncryptionKey): Promise<MasterKey>;
}

/** Of Ed25519: 32 bytes. */
export const SIGNING_KEY_BYTES = 32;

export interface Signatures {
  /** From the seed of a private key, `SIGNING_KEY_BYTES`. Errors: `InvalidArgument`. */
  signer(seed: Uint8Array): Promise<Signer>;
  /** Whether `signature`, 64 bytes, of `message` is by the private half of `publicKey`, `SIGNING_KEY_BYTES`. */
  isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

export interface Signer {
  /** `SIGNING_KEY_BYTES`. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** What a wrapped data key is bound to: `nonce`, 12 bytes, never the same under one master key, and `about`. */
export interface WrapContext {
  readonly nonce: Uint8Array;
  readonly about: Uint8Array;
}

/** What wraps data keys. A wrapped one has 48 bytes: 32 encrypted and the tag of 16. */
export interface MasterKey {
  /** A new random data key, wrapped. */
  generate(context: WrapContext): Promise<Uint8Array<ArrayBuffer>>;
  /** Undefined if it was not wrapped by this key in this context. */
  unwrap(wrapped: Uint8Array, context: WrapContext): Promise<DataKey | undefined>;
  /** The same data key, wrapped by `next`, a key of the same cipher. Undefined as for `unwrap`. */
  rewrap(wrapped: Uint8Array, context: WrapContext, next: MasterKey, nextContext: WrapContext): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** What the keys of files are derived from. */
export interface DataKey {
  /** HKDF-SHA-256 (RFC 5869) with this salt and info. */
  fileKey(salt: Uint8Array, info: Uint8Array): Promise<FileKey>;
}

/** AES-256-GCM with tags of 16 bytes. REQUIRES: no nonce (12 bytes) encrypts twice. `authentic` is covered by the tag too. */
export interface FileKey {
  /** The encrypted bytes, then the tag. */
  encrypt(nonce: Uint8Array, plain: Uint8Array, authentic: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** Undefined if anything of it is not as it was encrypted. */
  decrypt(nonce: Uint8Array, sealed: Uint8Array, authentic: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>;
}
