// Fields of a filter: the stored columns that evaluating it reads.

import type { CheckedFilter, Value } from './checked.js';

export function fieldsOf(filter: CheckedFilter | undefined): ReadonlySet<string> {
  const fields = new Set<string>();
  if (filter === undefined) return fields;
  for (const leaf of leavesOf(filter)) {
    if ('field' in leaf && leaf.field !== undefined) fields.add(leaf.field);
    for (const value of valuesOf(leaf)) for (const { field } of columnsOf(value)) fields.add(field);
  }
  return fields;
}

type LeafFilter = Exclude<CheckedFilter, { readonly kind: 'and' | 'or' | 'not' }>;

/** The conditions that a filter joins. */
export function leavesOf(filter: CheckedFilter): readonly LeafFilter[] {
  const leaves: LeafFilter[] = [];
  const open = [filter];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'not') open.push(node.operand);
    else if ('operands' in node) for (const operand of node.operands) open.push(operand);
    else leaves.push(node);
  }
  return leaves;
}

/** The values that a condition is about. */
export function valuesOf(leaf: LeafFilter): readonly Value[] {
  if (leaf.kind === 'compareValues') return [leaf.left, leaf.right];
  return 'operand' in leaf ? [leaf.operand] : [];
}

/** What a value reads of columns. No deeper than arithmetic nests. */
export function columnsOf(value: Value): readonly Extract<Value, { readonly field: string }>[] {
  switch (value.kind) {
    case 'constant':
    case 'moment':
      return [];
    case 'length':
      return [value.array];
    case 'shift':
    case 'unary':
      return columnsOf(value.operand);
    case 'arithmetic':
      return [...columnsOf(value.left), ...columnsOf(value.right)];
    default:
      return [value];
  }
}
