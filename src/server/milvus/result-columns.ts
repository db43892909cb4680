// ResultColumns: the fields of rows as answers of Milvus have them: one column each, `$meta` with the keys that no field
// names. Which fields these are says what was asked for, not what rows have.

import { exactJson } from '../../format/exact-json.js';
import type { JsonInput } from '../../format/json-parser.js';
import { DATA_TYPES, DYNAMIC_FIELD, type DataType } from '../../model/field.js';
import type { FieldValue, PrimaryKey, Row } from '../../model/row.js';
import { functionOf, primaryField, type Schema } from '../../model/schema.js';
import { nextTurn } from '../slices.js';

/** Number of the first field of a schema: those below are Milvus' own. */
export const FIELD_ID_FIRST = 100;

export interface ResultColumn {
  readonly name: string;
  readonly type: DataType;
  readonly fieldId: number;
  /** Of an Array. */
  readonly elementType?: DataType | undefined;
  /** Of dense vectors. */
  readonly dim?: number | undefined;
  readonly nullable: boolean;
  readonly isDynamic: boolean;
  /** Of each row, as the engine gives them; null where there is none. */
  readonly values: readonly FieldValue[];
}

/** What a caller asked for of each row. */
export interface ResultPlan {
  /** Names as an answer tells them: those asked for, "*" as what it stands for. */
  readonly outputFields: readonly string[];
  /** Names that the engine is asked for. */
  readonly asked: readonly string[];
  readonly fields: readonly Omit<ResultColumn, 'values'>[];
  /** Keys of `$meta` to answer: all of them, or these; undefined if it is not answered. */
  readonly dynamic: 'all' | readonly string[] | undefined;
}

/** Plans an answer. `withKey`: the primary key is answered whether asked for or not. Names that are no field are left to the engine to refuse. */
export function planResult(schema: Schema, names: readonly string[], withKey: boolean): ResultPlan {
  const asked = new Set(names);
  const all = asked.delete('*');
  const key = primaryField(schema).name;
  const fields = schema.fields.flatMap((field, at) => {
    const wanted = (all && functionOf(schema, field.name) === undefined) || asked.has(field.name) || (withKey && field.name === key);
    return wanted ? [{ name: field.name, type: field.type, fieldId: FIELD_ID_FIRST + at, elementType: field.elementType, dim: field.dim, nullable: field.nullable === true, isDynamic: false }] : [];
  });
  const known = new Set(fields.map(({ name }) => name));
  const rest = [...asked].filter((name) => !known.has(name));
  const whole = schema.enableDynamicField && (all || rest.includes(DYNAMIC_FIELD));
  const keys = rest.filter((name) => name !== DYNAMIC_FIELD);
  const dynamic = whole ? 'all' : keys.length > 0 ? keys : undefined;
  const shown = [...known, ...(whole ? [DYNAMIC_FIELD] : []), ...keys];
  return { outputFields: shown, asked: whole ? [...new Set([...names, '*'])].filter((name) => name !== DYNAMIC_FIELD) : [...names], fields, dynamic };
}

/** Of `rows` as the engine gives them for the names that the plan asks for. `ids`: their primary keys, where rows lack them. */
export function columnsOf(schema: Schema, plan: ResultPlan, rows: readonly Row[], ids?: readonly PrimaryKey[]): readonly ResultColumn[] {
  const key = primaryField(schema).name;
  const columns = plan.fields.map((field): ResultColumn => ({ ...field, values: field.name === key && ids !== undefined ? ids : rows.map((row) => row[field.name] ?? null) }));
  if (plan.dynamic === undefined) return columns;
  const meta = { name: DYNAMIC_FIELD, type: 'JSON', fieldId: FIELD_ID_FIRST + schema.fields.length, nullable: false, isDynamic: true } as const;
  return [...columns, { ...meta, values: dynamicTexts(schema, plan.dynamic, rows) }];
}

/** What is done in one turn: about a millisecond of work. */
const TURN_ROWS = 500;

/** The same of many rows, others having their turn before them and in between. */
export async function columnsInTurns(schema: Schema, plan: ResultPlan, rows: readonly Row[]): Promise<readonly ResultColumn[]> {
  if (rows.length <= TURN_ROWS) return columnsOf(schema, plan, rows);
  const parts: (readonly ResultColumn[])[] = [];
  for (let first = 0; first < rows.length; first += TURN_ROWS) {
    await nextTurn();
    parts.push(columnsOf(schema, plan, rows.slice(first, first + TURN_ROWS)));
  }
  return (parts[0] as readonly ResultColumn[]).map((column, at) => ({ ...column, values: parts.flatMap((part) => part[at]?.values ?? []) }));
}

/** JSON texts: of a dynamic column they are made once, here. */
function dynamicTexts(schema: Schema, keys: 'all' | readonly string[], rows: readonly Row[]): readonly string[] {
  const names = new Set(schema.fields.map(({ name }) => name));
  return rows.map((row) => {
    const found: Record<string, JsonInput> = {};
    for (const name of keys === 'all' ? Object.keys(row) : keys) {
      if (names.has(name) || !Object.hasOwn(row, name) || row[name] === undefined) continue;
      Object.defineProperty(found, name, { value: row[name], enumerable: true });
    }
    return exactJson(found);
  });
}

/** A column of numbers beside rows, such as `count(*)`. */
export function countColumn(name: string, values: readonly bigint[]): ResultColumn {
  return { name, type: 'Int64', fieldId: 0, nullable: false, isDynamic: false, values };
}

/** Number of Milvus' DataType. */
export function typeNumber(type: DataType | undefined): number {
  return type === undefined ? 0 : DATA_TYPES[type];
}
