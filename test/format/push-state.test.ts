// The state of pushes: every damage is refused, as a wrong mark would drop or repeat what somebody wrote.

import { test } from 'vitest';
import { decodePushState, encodePushState } from '../../src/format/push-state.js';
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
