// Publication: what a relay serves of a collection: its head, as the one who signs gave it, and the files that its manifest
// and the one before it name. Format: docs/format.md, "Published files".

import { requireIntact } from '../model/errors.js';
import { bytesOfHex, decodeText, encodeText, hexOf, sameBytes } from './bytes.js';
import { arrayAt, integerAt, objectAt, stringAt } from './checks.js';
import { decodeEnvelope, encodeEnvelope, type JsonObject } from './envelope.js';
import { decodeHead, encodeHead, type SignedHead } from './head.js';
import { isFileName } from './keys.js';

export interface PublishedFile {
  /** In the folder of the collection, e.g. `rows-<sha>.parquet`. */
  readonly name: string;
  readonly sizeBytes: number;
}

export interface Publication {
  /** That of its key. */
  readonly version: number;
  readonly database: string;
  readonly name: string;
  /** 64 hexadecimal digits: what the head is signed by. */
  readonly publicKey: string;
  readonly head: SignedHead;
  /** What answers `GET key`, of an encrypted collection. */
  readonly key?: Uint8Array;
  /** Of the head's manifest. */
  readonly files: readonly PublishedFile[];
  /** Those that only the manifest of the publication before names, and the version of that; absent of the first. */
  readonly before?: { readonly manifest: number; readonly files: readonly PublishedFile[] };
}

export const PUBLICATION_BYTES_MAX = 32 * 1024 * 1024;

const FILES_MAX = 400_000;
const HEX_64 = /^[0-9a-f]{64}$/;
const KEY = /^(?:[0-9a-f]{2}){92}$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const PLACE_DIGITS = 32;

/** Names the folder of a collection's publications. */
export async function placeOf(database: string, name: string, sha256: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<string> {
  return hexOf(await sha256(encodeText(`${database}/${name}`))).slice(0, PLACE_DIGITS);
}

/** Errors: `InvalidArgument` if it is longer than PUBLICATION_BYTES_MAX. */
export function encodePublication({ version, database, name, publicKey, head, key, files, before }: Publication): Uint8Array<ArrayBuffer> {
  const object: JsonObject = {
    version,
    database,
    name,
    publicKey,
    head: decodeText(encodeHead(head), 'head', 'bytes'),
    key: key && hexOf(key),
    files: sorted(files),
    before: before && { manifest: before.manifest, files: sorted(before.files) },
  };
  return encodeEnvelope(object, PUBLICATION_BYTES_MAX, 'publication');
}

/** Errors: `Corrupt`, `Unsupported`. */
export function decodePublication(bytes: Uint8Array, where: string): Publication {
  const object = decodeEnvelope(bytes, PUBLICATION_BYTES_MAX, where);
  const publicKey = stringAt(object['publicKey'], where, 'publicKey');
  requireIntact(HEX_64.test(publicKey), where, 'publicKey: expected 64 hexadecimal digits');
  const key = object['key'];
  requireIntact(key === undefined || (typeof key === 'string' && KEY.test(key)), where, 'key: expected 184 hexadecimal digits');
  const before = object['before'] === undefined ? undefined : objectAt(object['before'], where, 'before');
  const publication: Publication = {
    version: integerAt(object['version'], 1, Number.MAX_SAFE_INTEGER, where, 'version'),
    database: nameAt(object['database'], where, 'database'),
    name: nameAt(object['name'], where, 'name'),
    publicKey,
    head: decodeHead(encodeText(stringAt(object['head'], where, 'head')), where),
    ...(key === undefined ? {} : { key: bytesOfHex(key) }),
    files: filesAt(object['files'], where, 'files'),
    ...(before === undefined ? {} : { before: { manifest: integerAt(before['manifest'], 1, Number.MAX_SAFE_INTEGER, where, 'before.manifest'), files: filesAt(before['files'], where, 'before.files') } }),
  };
  requireIntact(sameBytes(encodePublication(publication), bytes), where, 'expected canonical JSON without other members');
  return publication;
}

function sorted(files: readonly PublishedFile[]): JsonObject[] {
  return files.map(({ name, sizeBytes }) => ({ name, sizeBytes })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function filesAt(value: unknown, where: string, place: string): readonly PublishedFile[] {
  const files = arrayAt(value, FILES_MAX, where, place).map((given, i) => {
    const entry = objectAt(given, where, `${place}[${i}]`);
    const name = stringAt(entry['name'], where, `${place}[${i}].name`);
    requireIntact(isFileName(name), where, `${place}[${i}].name: expected the name of a file, found ${JSON.stringify(name.slice(0, 100))}`);
    return { name, sizeBytes: integerAt(entry['sizeBytes'], 0, Number.MAX_SAFE_INTEGER, where, `${place}[${i}].sizeBytes`) };
  });
  requireIntact(new Set(files.map(({ name }) => name)).size === files.length, where, `${place}: a file twice`);
  return files;
}

function nameAt(value: unknown, where: string, place: string): string {
  const name = stringAt(value, where, place);
  requireIntact(NAME.test(name), where, `${place}: expected a name, found ${JSON.stringify(name.slice(0, 100))}`);
  return name;
}
