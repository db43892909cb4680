// ScopeMark: what a manifest and a head say of the rows that they are of, where these are not all. Format: docs/format.md,
// "Replication".

import { requireIntact } from '../model/errors.js';
import type { AnyScope, RowRule, RowScope } from '../model/row-scope.js';
import { hexOf, encodeText } from './bytes.js';
import { objectAt, stringAt } from './checks.js';
import { canonicalJson, type Json, type JsonObject } from './envelope.js';

export interface ScopeMark {
  /** Of the scope that the copy asked for; absent if it asked for all rows that it may have. */
  readonly asked?: string;
  /** Of the rule that its rows hold. */
  readonly rows: string;
}

type Sha256 = (bytes: Uint8Array) => Promise<Uint8Array>;

const ID = /^[0-9a-f]{16}$/;

/** 16 hexadecimal digits of the same rule, in whatever order it is given. */
export async function ruleId(rule: RowRule, sha256: Sha256): Promise<string> {
  const clauses = [...new Set(rule.map(clauseText))].sort();
  return hexOf(await sha256(encodeText(`[${clauses.join(',')}]`))).slice(0, 16);
}

/** Of what a copy asks for. */
export function scopeId(scope: RowScope, sha256: Sha256): Promise<string> {
  return ruleId([[scope]], sha256);
}

function clauseText(clause: AnyScope): string {
  const scopes = clause.map(({ partitions, filter, user }) => canonicalJson({ partitions, filter, user } as Json));
  return `[${[...new Set(scopes)].sort().join(',')}]`;
}

export function markJson({ asked, rows }: ScopeMark): JsonObject {
  return { asked, rows };
}

/** Undefined if it is absent. Errors: `Corrupt`, naming `where`. */
export function decodeMark(value: unknown, where: string): ScopeMark | undefined {
  if (value === undefined) return undefined;
  const object = objectAt(value, where, 'scope');
  const idAt = (member: 'asked' | 'rows'): string => {
    const id = stringAt(object[member], where, `scope.${member}`);
    requireIntact(ID.test(id), where, `scope.${member}: expected 16 lower-case hexadecimal digits`);
    return id;
  };
  return { ...(object['asked'] === undefined ? {} : { asked: idAt('asked') }), rows: idAt('rows') };
}

export function sameMark(a: ScopeMark | undefined, b: ScopeMark | undefined): boolean {
  return a?.asked === b?.asked && a?.rows === b?.rows;
}
