// Typed: what rows a definition describes, for the compiler alone. Of a definition whose fields are not known when it is
// compiled, everything is what it is without types: RowInput, Row, any name.

import type { ElementType, Field } from './field.js';
import type { ArrayValue, FieldValue, JsonValue, Row, RowInput, Vector } from './row.js';

/** What types are taken from: a definition as `createCollection` has it. */
export interface Described {
  readonly fields?: readonly Field[];
  readonly dimension?: number;
  readonly idType?: 'Int64' | 'VarChar';
  readonly autoId?: boolean;
  readonly enableDynamicField?: boolean;
  readonly functions?: readonly { readonly outputFieldNames: readonly string[] }[];
}

interface ScalarsIn {
  readonly Bool: boolean;
  readonly Int8: number;
  readonly Int16: number;
  readonly Int32: number;
  readonly Int64: bigint | number;
  readonly Float: number;
  readonly Double: number;
  readonly VarChar: string;
  readonly JSON: JsonValue;
  readonly Geometry: string;
  readonly Timestamptz: string | Date;
}

interface ScalarsOut {
  readonly Bool: boolean;
  readonly Int8: number;
  readonly Int16: number;
  readonly Int32: number;
  readonly Int64: bigint;
  readonly Float: number;
  readonly Double: number;
  readonly VarChar: string;
  readonly JSON: JsonValue;
  readonly Geometry: string;
  readonly Timestamptz: string;
}

/** What stands for a field of a definition: at least its name and type. */
interface Column {
  readonly name: string;
  readonly type: string;
}

type ColumnsOf<D> = D extends { readonly fields: readonly (infer F extends Column)[] } ? F : D extends { readonly dimension: number } ? QuickKey<D> | { readonly name: 'vector'; readonly type: 'FloatVector' } : never;
type QuickKey<D> = { readonly name: 'id'; readonly type: D extends { readonly idType: infer T extends string } ? T : 'Int64'; readonly primaryKey: true; readonly autoId: D extends { readonly autoId: infer A } ? A : false };

/** True if the names of its fields are known. */
type IsKnown<D> = [ColumnsOf<D>] extends [never] ? false : string extends ColumnsOf<D>['name'] ? false : true;
type IsOpen<D> = D extends { readonly enableDynamicField: true } | { readonly dimension: number } ? true : false;

type ArrayOf<F, Scalars> = F extends { readonly elementType: infer E extends ElementType & keyof Scalars } ? readonly Scalars[E][] : ArrayValue;
type ValueOf<F extends Column, Scalars, Vectors> = F['type'] extends keyof Scalars ? Scalars[F['type']] : F['type'] extends 'Array' ? ArrayOf<F, Scalars> : Vectors;
type OrNull<F, T> = F extends { readonly nullable: true } ? T | null : T;

type Made<D> = D extends { readonly functions: readonly (infer M)[] } ? (M extends { readonly outputFieldNames: readonly (infer N)[] } ? N : never) : never;
type GeneratedIn<F> = F extends { readonly autoId: true } ? F : never;
type OptionalIn<F> = F extends { readonly nullable: true } ? F : F extends { readonly defaultValue: {} | null } ? F : never;

type Flat<T> = { readonly [K in keyof T]: T[K] };
type Open<D, T, V> = IsOpen<D> extends true ? T & { readonly [key: string]: V } : T;

/** `Keys` are the columns of generated keys: left out of rows that are inserted. */
type Given<D, Keys> = Open<
  D,
  Flat<
    { readonly [F in Exclude<ColumnsOf<D>, OptionalIn<ColumnsOf<D>> | Keys> as Exclude<F['name'], Made<D>>]: ValueOf<F, ScalarsIn, Vector | RowInput[string]> } & {
      readonly [F in OptionalIn<ColumnsOf<D>> as Exclude<F['name'], Made<D>>]?: ValueOf<F, ScalarsIn, Vector | RowInput[string]> | null | undefined;
    }
  >,
  RowInput[string]
>;

/** A row as `insert` takes it. */
export type InsertRow<D> = IsKnown<D> extends true ? Given<D, GeneratedIn<ColumnsOf<D>>> : RowInput;
/** A row as `upsert` takes it: its key is given, also where it is generated. */
export type UpsertRow<D> = IsKnown<D> extends true ? Given<D, never> : RowInput;

/** Names that `outputFields` takes. */
export type OutputName<D> = IsKnown<D> extends true ? ColumnsOf<D>['name'] | '*' | (IsOpen<D> extends true ? string & {} : never) : string;

type Picked<D, N> = '*' extends N ? ColumnsOf<D>['name'] : N;
type VectorOut<F extends Column> = F['type'] extends 'FloatVector' ? Float32Array : FieldValue;

/** A row as it comes back, with these fields. */
export type OutputRow<D, N = '*'> =
  IsKnown<D> extends true
    ? Open<D, { readonly [F in ColumnsOf<D> as Extract<F['name'], Picked<D, N>>]: OrNull<F, ValueOf<F, ScalarsOut, VectorOut<F>>> }, FieldValue>
    : Row;

type KeyColumn<D> = Extract<ColumnsOf<D>, { readonly primaryKey: true }>;
/** Its primary keys, as they come back. */
export type KeyOf<D> = IsKnown<D> extends true ? (KeyColumn<D>['type'] extends 'VarChar' ? string : KeyColumn<D>['type'] extends 'Int64' ? bigint : bigint | string) : bigint | string;
