// PushAnswer: what a server answers to a push, as JSON. Format: docs/format.md, "Replication".

import type { PushAnswer, PushRefusal } from '../engine/api/push.js';
import { decodeText, encodeText } from '../format/bytes.js';
import { arrayAt, integerAt, objectAt, stringAt } from '../format/checks.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import { CLIENT_REFUSALS_MAX } from '../format/push-state.js';

/** What is refused at once, with every byte of a message escaped, fits in. */
export const PUSH_ANSWER_BYTES_MAX = 1024 * 1024;

const NUMBER = /^(?:0|[1-9][0-9]{0,19})$/;
const REFUSALS: Readonly<Record<PushRefusal, number>> = { gap: 409, fork: 409, foreign: 403 };

export function encodeAnswer(answer: PushAnswer): { readonly status: number; readonly bytes: Uint8Array<ArrayBuffer> } {
  if (answer.kind === 'foreign') return { status: REFUSALS.foreign, bytes: encodeText(JSON.stringify({ code: answer.kind })) };
  if (answer.kind !== 'taken') return { status: REFUSALS[answer.kind], bytes: encodeText(JSON.stringify({ code: answer.kind, lastId: `${answer.lastId}` })) };
  const { lastId, lsn, time, refused, clamped } = answer;
  const told = refused.map(({ id, code, message }) => ({ id: `${id}`, code, message }));
  return { status: 200, bytes: encodeText(JSON.stringify({ lastId: `${lastId}`, lsn: `${lsn}`, stamp: `${time}`, refused: told, clamped })) };
}

/** Undefined if an error is not one of a push. Errors: `Network` for what is no answer. */
export function decodeAnswer(bytes: Uint8Array, where: string, status: number): PushAnswer | undefined {
  const object = objectAt(parsed(bytes, where), where, 'answer');
  if (status !== 200) {
    const kind = object['code'];
    if (kind === 'foreign') return { kind };
    return kind === 'gap' || kind === 'fork' ? { kind, lastId: numberAt(object['lastId'], where, 'lastId') } : undefined;
  }
  const refused = arrayAt(object['refused'], CLIENT_REFUSALS_MAX, where, 'refused').map((given, i) => {
    const one = objectAt(given, where, `refused[${i}]`);
    return { id: numberAt(one['id'], where, 'id'), code: stringAt(one['code'], where, 'code'), message: stringAt(one['message'], where, 'message') };
  });
  const [lastId, lsn, time] = ['lastId', 'lsn', 'stamp'].map((name) => numberAt(object[name], where, name)) as [bigint, bigint, bigint];
  return { kind: 'taken', lastId, lsn, time, refused, clamped: integerAt(object['clamped'], 0, Number.MAX_SAFE_INTEGER, where, 'clamped') };
}

function parsed(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(decodeText(bytes, where, 'answer'));
  } catch (cause) {
    throw new ElanusError('Network', `${where}: expected JSON`, { cause });
  }
}

function numberAt(value: unknown, where: string, place: string): bigint {
  requireIntact(typeof value === 'string' && NUMBER.test(value), where, `${place}: expected a decimal string`);
  return BigInt(value);
}
