// What is kept of those who push, where a log says again what is known already: after a crash the file is ahead of it.

import { expect, test } from 'vitest';
import type { Batch } from '../../src/format/batch.js';
import { decodePushState, encodePushState } from '../../src/format/push-state.js';
import { Pushes } from '../../src/engine/table/pushes.js';

const KEY = { name: 'id', type: 'Int64', primaryKey: true } as const;
const CLIENT = new Uint8Array(16).fill(7);
const NONE = new BigInt64Array(0);

function batch(id: number, isRefused: boolean): Batch {
  const mark = { client: CLIENT, subject: new Uint8Array(8).fill(1), id: BigInt(id), chain: new Uint8Array(8).fill(id), ...(isRefused ? { refusal: { code: 'InvalidArgument', message: `no ${id}` } } : {}) };
  return { kind: 'delete', keys: NONE, stamps: { times: NONE, clients: NONE }, mark };
}

test.each([0n, 1n, 2n, 3n])('batches that are said again change nothing of what is known, and of what its client was told: of those up to %i', (told) => {
  const batches = [batch(1, true), batch(2, false), batch(3, true), batch(4, false)];
  const pushes = new Pushes(KEY, () => 1_700_000_000_000);
  for (const one of batches) pushes.note(one);
  pushes.clients.told(CLIENT, told);
  const known = pushes.state().clients;
  const again = new Pushes(KEY, () => 1_700_000_000_000);
  again.load(decodePushState(encodePushState(pushes.state(), KEY), KEY, 'FILE'));
  for (const one of batches) again.note(one);
  expect(again.state().clients).toEqual(known);
  expect(decodePushState(encodePushState(again.state(), KEY), KEY, 'FILE').clients).toEqual(known);
  again.note(batch(5, true));
  expect(again.clients.get(CLIENT)).toMatchObject({ id: 5n, refused: [...(known[0]?.refused ?? []), { id: 5n }] });
});
