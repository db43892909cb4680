// What the golden files of sync of version 1 hold. Neither this nor they ever change.

import { encodeBatch, type Batch } from '../../src/format/batch.js';
import { encodeHead, type SignedHead } from '../../src/format/head.js';
import { deletionsName, indexName, pushesName, rowsName } from '../../src/format/keys.js';
import { encodeManifest, type Manifest } from '../../src/format/manifest.js';
import { encodePublication, type Publication } from '../../src/format/publication.js';
import { encodePush, type Push } from '../../src/format/push.js';
import { encodePushState, type PushState } from '../../src/format/push-state.js';
import { primaryField, checkStoredSchema } from '../../src/model/schema.js';
import { MANIFEST, SCHEMA } from './samples.js';

const numbers = (count: number, first: number): Uint8Array => Uint8Array.from({ length: count }, (_, at) => first + at);

export const STAMPED_SCHEMA = checkStoredSchema({ ...SCHEMA, version: 1, hidden: [{ name: '$stamp', type: 'Int64', defaultValue: 0 }, { name: '$client', type: 'Int64', defaultValue: 0 }] });
export const MARKED: Batch = {
  kind: 'delete',
  keys: BigInt64Array.of(-5n, 7n),
  stamps: { times: BigInt64Array.of(1n << 60n, 3n), clients: BigInt64Array.of(-1n, 1n << 62n) },
  mark: { client: numbers(16, 1), subject: numbers(8, 50), id: (1n << 64n) - 1n, chain: numbers(8, 90) },
};
export const REFUSED: Batch = {
  kind: 'delete',
  keys: new BigInt64Array(0),
  stamps: { times: new BigInt64Array(0), clients: new BigInt64Array(0) },
  mark: { client: numbers(16, 1), subject: numbers(8, 50), id: 10n, chain: numbers(8, 90), refusal: { code: 'NotPermitted', message: 'the row 4 é日 is not' } },
};
export const PUSH_STATE: PushState = {
  time: (1n << 62n) + 5n,
  floor: 4n,
  clients: [{ client: numbers(16, 1), subject: numbers(8, 50), id: 12n, chain: numbers(8, 90), seenMs: 1_700_000_000_000, refused: [{ id: 10n, code: 'NotPermitted', message: 'é日' }, { id: 12n, code: 'Corrupt', message: '' }], told: 9n }, { client: numbers(16, 2), subject: numbers(8, 51), id: 1n, chain: numbers(8, 91), seenMs: 0, refused: [], told: 0n }],
  keys: BigInt64Array.of(-5n, 7n, 8n),
  stamps: { times: BigInt64Array.of(9n, 1n << 61n, 10n), clients: BigInt64Array.of(0n, -1n, 1n) },
};
export const TEXT_PUSH_STATE: PushState = { ...PUSH_STATE, clients: [], keys: ['', 'a', 'é日'] };
export const TEXT_KEY = { name: 'key', type: 'VarChar', primaryKey: true, maxLength: 9 } as const;
const SHA = 'c'.repeat(64);
export const PUSHES_MANIFEST: Manifest = { ...MANIFEST, schema: STAMPED_SCHEMA, schemas: [SCHEMA], segments: [], pushes: { file: { name: pushesName(SHA), sha256: SHA, sizeBytes: 700 }, time: (1n << 62n) + 5n } };
export const SCOPED_MANIFEST: Manifest = { ...PUSHES_MANIFEST, pushes: { time: (1n << 62n) + 5n }, scope: { asked: '0123456789abcdef', rows: 'fedcba9876543210' } };
export const HEAD: SignedHead = {
  collection: MANIFEST.collection,
  version: 12,
  manifest: { sha256: 'a'.repeat(64), sizeBytes: 5000 },
  parent: 'b'.repeat(64),
  issuedMs: 1_700_000_000_000,
  expiresMs: 1_700_000_060_000,
  keyId: '0123456789abcdef',
  signature: 'd'.repeat(128),
};
export const PUBLICATION: Publication = {
  version: 3,
  database: 'default',
  name: 'books',
  publicKey: 'e'.repeat(64),
  head: HEAD,
  key: numbers(92, 20),
  files: [{ name: deletionsName('1'.repeat(64)), sizeBytes: 44 }, { name: indexName('graph')('2'.repeat(64)), sizeBytes: 90_000 }, { name: rowsName('3'.repeat(64)), sizeBytes: 2 ** 40 }],
  before: { manifest: 11, files: [{ name: rowsName('4'.repeat(64)), sizeBytes: 0 }] },
};
export const PUSH: Push = { client: numbers(16, 1), after: { id: 7n, chain: numbers(8, 90) }, batches: [numbers(16, 0), numbers(8, 200)] };

export function encodeSync(): ReadonlyMap<string, Uint8Array> {
  const key = primaryField(SCHEMA);
  return new Map<string, Uint8Array>([
    ['manifest-pushes.json', encodeManifest(PUSHES_MANIFEST)],
    ['manifest-scoped.json', encodeManifest(SCOPED_MANIFEST)],
    ['batch-marked.bin', encodeBatch(MARKED, STAMPED_SCHEMA)],
    ['batch-refused.bin', encodeBatch(REFUSED, STAMPED_SCHEMA)],
    ['push-state.bin', encodePushState(PUSH_STATE, key)],
    ['push-state-texts.bin', encodePushState(TEXT_PUSH_STATE, TEXT_KEY)],
    ['head.json', encodeHead(HEAD)],
    ['push.bin', encodePush(PUSH)],
    ['publication.json', encodePublication(PUBLICATION)],
  ]);
}
