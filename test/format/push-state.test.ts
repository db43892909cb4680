// The state of pushes: every damage is refused, as a wrong mark would drop or repeat what somebody wrote.

import { test } from 'vitest';
import { CLIENT_REFUSALS_MAX, decodePushState, encodePushState, type KnownRefusal } from '../../src/format/push-state.js';
import { primaryField } from '../../src/model/schema.js';
import { PUSH_STATE, TEXT_KEY, TEXT_PUSH_STATE } from '../golden/sync-samples.js';
import { SCHEMA } from '../golden/samples.js';
import { expectEveryDamageRefused, refusalOf } from './damage.js';

test('every flipped bit and every truncation is refused, with keys of both types', () => {
  for (const [state, key] of [[PUSH_STATE, primaryField(SCHEMA)], [TEXT_PUSH_STATE, TEXT_KEY]] as const) {
    expectEveryDamageRefused(encodePushState(state, key), (bytes) => decodePushState(bytes, key, 'FILE'));
  }
});

test('clients out of order, and keys of another type than those of the collection, are refused', () => {
  const [first, second] = PUSH_STATE.clients;
  if (first === undefined || second === undefined) throw new Error('two clients');
  refusalOf(() => decodePushState(encodePushState({ ...PUSH_STATE, clients: [second, first] }, primaryField(SCHEMA)), primaryField(SCHEMA), 'FILE'), 'order');
  refusalOf(() => decodePushState(encodePushState({ ...PUSH_STATE, clients: [first, first] }, primaryField(SCHEMA)), primaryField(SCHEMA), 'FILE'), 'twice');
  refusalOf(() => decodePushState(encodePushState(PUSH_STATE, primaryField(SCHEMA)), TEXT_KEY, 'FILE'), 'type');
});

test('refusals out of order, of batches that are not there or are known to be refused, and too many, are refused', () => {
  const [first, second] = PUSH_STATE.clients;
  if (first === undefined || second === undefined) throw new Error('two clients');
  const refusal = (id: bigint): KnownRefusal => ({ id, code: 'Corrupt', message: 'x' });
  const many = Array.from({ length: CLIENT_REFUSALS_MAX + 1 }, (_, at) => refusal(BigInt(at) + 1n));
  for (const change of [{ refused: [refusal(12n), refusal(10n)] }, { refused: [refusal(13n)] }, { refused: [refusal(9n)] }, { told: 13n, refused: [] }, { id: 1000n, told: 0n, refused: many }]) {
    refusalOf(() => decodePushState(encodePushState({ ...PUSH_STATE, clients: [{ ...first, ...change }, second] }, primaryField(SCHEMA)), primaryField(SCHEMA), 'FILE'), JSON.stringify(Object.keys(change)));
  }
});
