// Heads come back as they were written; every damage is refused; what is signed is everything but the signature.

import { expect, test } from 'vitest';
import { encodeEnvelope } from '../../src/format/envelope.js';
import { decodeHead, encodeHead, HEAD_BYTES_MAX, signedBytes, type SignedHead } from '../../src/format/head.js';
import { bytesOfHex, hexOf } from '../../src/format/bytes.js';
import { webSignatures } from '../../src/platform/signatures.js';
import { expectEveryDamageRefused, refusalOf } from './damage.js';

const HEAD: SignedHead = {
  collection: '00000000000000ff',
  version: 12,
  manifest: { sha256: 'a'.repeat(64), sizeBytes: 5000 },
  parent: 'b'.repeat(64),
  issuedMs: 1_700_000_000_000,
  expiresMs: 1_700_000_060_000,
  keyId: '0123456789abcdef',
  signature: 'c'.repeat(128),
};

test('a head comes back as it was written, with a parent and without', () => {
  const { parent: _, ...first } = HEAD;
  for (const head of [HEAD, first]) expect(decodeHead(encodeHead(head), 'FILE')).toEqual(head);
});

test('every flipped bit and every truncation of a head is refused', () => {
  expectEveryDamageRefused(encodeHead(HEAD), (bytes) => decodeHead(bytes, 'FILE'));
});

test.each([
  ['collection', 'xyz'], ['version', 0], ['version', 1.5], ['manifest', null], ['manifest', { sha256: 'A'.repeat(64), sizeBytes: 1 }], ['manifest', { sha256: 'a'.repeat(64), sizeBytes: 1e12 }],
  ['parent', ''], ['expiresMs', HEAD.issuedMs - 1], ['keyId', 'short'], ['signature', 'c'.repeat(127)], ['more', 1],
])('a head whose %s is %j is refused', (member, value) => {
  const { collection, version, manifest, parent, issuedMs, expiresMs, keyId, signature } = HEAD;
  const bytes = encodeEnvelope({ collection, version, manifest, parent, issuedMs, expiresMs, keyId, signature, [member]: value } as never, HEAD_BYTES_MAX, 'head');
  expect(refusalOf(() => decodeHead(bytes, 'FILE'), member).code).toBe('Corrupt');
});

test('a signature is of every member but itself', async () => {
  const signer = await webSignatures.signer(Uint8Array.from({ length: 32 }, (_, at) => at));
  const signature = await signer.sign(signedBytes(HEAD));
  const isGood = (head: SignedHead): Promise<boolean> => webSignatures.isSignedBy(signer.publicKey, signedBytes(head), bytesOfHex(head.signature));
  const signed = { ...HEAD, signature: hexOf(signature) };
  expect(await isGood(signed)).toBe(true);
  const { parent: _, ...orphan } = signed;
  for (const other of [{ ...signed, version: 13 }, { ...signed, expiresMs: HEAD.expiresMs + 1 }, { ...signed, manifest: { ...HEAD.manifest, sizeBytes: 1 } }, { ...signed, collection: '00000000000000fe' }, orphan]) expect(await isGood(other)).toBe(false);
});

test('the signature of a known key and message is the one of RFC 8032, 7.1, test 1', async () => {
  const signer = await webSignatures.signer(bytesOfHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'));
  expect(hexOf(signer.publicKey)).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  expect(hexOf(await signer.sign(new Uint8Array(0)))).toBe('e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b');
});
