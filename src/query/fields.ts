// Fields of a filter: the stored columns that evaluating it reads.

import { DYNAMIC_FIELD } from '../model/field.js';
import type { CheckedFilter } from './check.js';

export function fieldsOf(filter: CheckedFilter | undefined): ReadonlySet<string> {
  const fields = new Set<string>();
  const open: CheckedFilter[] = filter === undefined ? [] : [filter];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'and' || node.kind === 'or') open.push(...node.operands);
    else if (node.kind === 'not') open.push(node.operand);
    else if (node.kind === 'dynamic' || node.kind === 'dynamicInSet') fields.add(DYNAMIC_FIELD);
    else if (node.kind !== 'constant') fields.add(node.field);
  }
  return fields;
}
