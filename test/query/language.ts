// The filter language printed back to text, for tests.

import type { Filter, Literal, Operand } from '../../src/model/filter.js';

/** Text that parses back to `filter`, every operator in parentheses. */
export function print(filter: Filter): string {
  switch (filter.kind) {
    case 'constant':
      return String(filter.value);
    case 'truth':
      return printOperand(filter.operand);
    case 'compare':
      return `${printOperand(filter.left)} ${filter.op} ${printOperand(filter.right)}`;
    case 'in':
      return `${printOperand(filter.operand)} ${filter.negated ? 'not in' : 'in'} ${printOperand(filter.values)}`;
    case 'like':
      return `${printOperand(filter.operand)} like ${printOperand(filter.pattern)}`;
    case 'regex':
      return `${printOperand(filter.operand)} ${filter.negated ? '!~' : '=~'} ${printOperand(filter.pattern)}`;
    case 'null':
      return `${printOperand(filter.operand)} is ${filter.negated ? 'not null' : 'null'}`;
    case 'exists':
      return `exists ${printOperand(filter.operand)}`;
    case 'contains':
      return `json_contains${filter.mode === 'one' ? '' : `_${filter.mode}`}(${printOperand(filter.array)}, ${printOperand(filter.values)})`;
    case 'textMatch':
      return `text_match(${printOperand(filter.field)}, ${printOperand(filter.query)}${filter.minimum === undefined ? '' : `, minimum_should_match=${printOperand(filter.minimum)}`})`;
    case 'phraseMatch':
      return `phrase_match(${[filter.field, filter.query, filter.slop].flatMap((part) => (part === undefined ? [] : [printOperand(part)])).join(', ')})`;
    case 'sample':
      return `random_sample(${[filter.share, filter.seed].flatMap((part) => (part === undefined ? [] : [printOperand(part)])).join(', ')})`;
    case 'not':
      return `(not ${print(filter.operand)})`;
    default:
      return `(${filter.operands.map(print).join(` ${filter.kind} `)})`;
  }
}

function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'literal':
      return printLiteral(operand.value);
    case 'list':
      return `[${operand.items.map(printOperand).join(', ')}]`;
    case 'template':
      return `{${operand.name}}`;
    case 'field':
      return `${operand.name}${operand.path.map((step) => `[${typeof step === 'number' ? step : printString(step)}]`).join('')}`;
    case 'length':
      return `array_length(${printOperand(operand.array)})`;
    case 'moment':
      return `ISO ${printString(operand.text)}`;
    case 'shift':
      return `(${printOperand(operand.operand)} + INTERVAL 'P${operand.months}MT${operand.micros / 1_000_000n}S')`;
    case 'unary':
      return `(${operand.op}${printOperand(operand.operand)})`;
    case 'arithmetic':
      return `(${printOperand(operand.left)} ${operand.op} ${printOperand(operand.right)})`;
  }
}

function printLiteral(value: Literal): string {
  if (typeof value === 'string') return printString(value);
  if (typeof value !== 'number') return String(value);
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Everything but plain ASCII by its code units. */
function printString(value: string): string {
  return `"${value.replace(/[^ !#-[\]-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}
