// Who stands between a copy of some rows and its server, and shows other heads, manifests or files than the server: nothing of it is
// taken, each for its reason, and the copy goes on with what it had.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeEnvelope, type JsonObject } from '../../../src/format/envelope.js';
import { nodeAmbient } from '../../../src/platform/node-ambient.js';
import { between, ids, row, TenantsServer, type Answer, type NodeDatabase } from './support.js';

const HOUR_MS = 3_600_000;
let at: TenantsServer;
let middle: Awaited<ReturnType<typeof between>>;
/** What is done to answers; nothing unless a test says so. */
let change: (kind: string, answer: Answer) => Answer;
let db: NodeDatabase;
const seen = new Map<string, Answer>();

const kindOf = (path: string): string => /\/notes\/([a-z]+)/.exec(path)?.[1] ?? '';
const sync = (user = 'ann', copy = db) => at.sync(copy, user, { url: middle.url, mode: 'pull' });

/** An envelope with other members, and a checksum that is right. */
function rewritten(body: Uint8Array, edit: (members: Record<string, unknown>) => object): Uint8Array<ArrayBuffer> {
  const { crc32c: _, ...members } = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
  return encodeEnvelope({ ...members, ...edit(members) } as JsonObject, 1 << 20, 'changed');
}

beforeEach(async () => {
  at = await TenantsServer.start();
  change = (_, answer) => answer;
  middle = await between(at.server.url, (path, answer) => change(kindOf(path), answer));
  db = await at.client();
  await sync();
  seen.clear();
  change = (kind, answer) => (seen.set(kind, answer), answer);
  await at.sync(await at.client(), 'ann', { url: middle.url, mode: 'pull' });
  change = (_, answer) => answer;
  await at.write(row(12), row(13));
});
afterEach(async () => {
  await middle.close();
  await at.close();
});

const shows = (kind: string, make: (answer: Answer) => Uint8Array<ArrayBuffer>) => (of: string, answer: Answer): Answer => (of === kind ? { ...answer, body: make(answer) } : answer);

describe('is not taken', () => {
  test.each([
    ['a head that says another version', shows('head', ({ body }) => rewritten(body, ({ version }) => ({ version: (version as number) + 5 }))), 'signature'],
    ['a head of other rows', shows('head', ({ body }) => rewritten(body, () => ({ scope: { rows: '0'.repeat(16) } }))), 'signature'],
    ['a head without its scope', shows('head', ({ body }) => rewritten(body, () => ({ scope: undefined }))), 'signature'],
    ['a head that says when data were put back', shows('head', ({ body }) => rewritten(body, () => ({ restoredMs: 99 }))), 'signature'],
    ['a manifest that names less', shows('manifest', ({ body }) => rewritten(body, () => ({ segments: [] }))), 'signature'],
    ['the manifest of before', (kind: string, answer: Answer): Answer => (kind === 'manifest' ? (seen.get(kind) as Answer) : answer), 'signature'],
  ] as const)('%s', async (_, made, reason) => {
    change = made;
    await expect(sync()).rejects.toMatchObject({ code: 'Untrusted', reason });
    expect(await ids(db)).toEqual([0, 3, 6]);
    change = (_kind, answer) => answer;
    await sync();
    expect(await ids(db)).toEqual([0, 3, 6, 12]);
  });

  test('a head and a manifest of before, once it has seen later ones', async () => {
    await sync();
    change = (kind, answer) => seen.get(kind) ?? answer;
    await expect(sync()).rejects.toMatchObject({ code: 'Untrusted', reason: 'rollback' });
    expect(await ids(db)).toEqual([0, 3, 6, 12]);
  });

  test('a head that has expired', async () => {
    const ambient = nodeAmbient();
    let aheadMs = 0;
    const later = await at.client({ ...ambient, nowMs: () => ambient.nowMs() + aheadMs });
    await sync('ann', later);
    aheadMs = 25 * HOUR_MS;
    await expect(sync('ann', later)).rejects.toMatchObject({ code: 'Untrusted', reason: 'expired' });
  });

  test('a manifest of all rows to who asked for some', async () => {
    const whole = await at.client();
    await at.sync(whole, 'whole', { url: middle.url, filter: 'id < 5' });
    const [head, manifest] = await Promise.all(['head', 'manifest'].map(async (kind) => {
      const response = await at.get(`notes/${kind}`, 'whole');
      return { status: 200, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
    }));
    change = (kind, answer) => (kind === 'head' ? (head as Answer) : kind === 'manifest' ? (manifest as Answer) : answer);
    await expect(at.sync(whole, 'whole', { url: middle.url, filter: 'id < 5' })).rejects.toMatchObject({ code: 'Untrusted', reason: 'scope' });
    await expect(whole.pull(middle.url, 'notes', { filter: 'id < 5' })).rejects.toMatchObject({ code: 'Untrusted', reason: 'scope' });
  });

  test('a file with another byte', async () => {
    change = shows('files', ({ body }) => body.map((byte, place) => (place === 40 ? byte ^ 1 : byte)));
    await expect(sync()).rejects.toMatchObject({ code: 'Corrupt' });
    expect(await ids(db)).toEqual([0, 3, 6]);
  });
});
