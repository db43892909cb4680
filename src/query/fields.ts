// Fields of a filter: the stored columns that evaluating it reads.

import { DYNAMIC_FIELD } from '../model/field.js';
import type { CheckedFilter } from './check.js';

export function fieldsOf(filter: CheckedFilter | undefined): ReadonlySet<string> {
  const fields = new Set<string>();
  const open: CheckedFilter[] = filter === undefined ? [] : [filter];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if ('operands' in node) open.push(...node.operands);
    else if ('operand' in node) open.push(node.operand);
    else if ('field' in node) fields.add(node.field);
    else if ('key' in node) fields.add(DYNAMIC_FIELD);
  }
  return fields;
}
