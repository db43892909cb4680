// Typed: what rows a definition describes, for the compiler alone. Of a definition whose fields are not known when it is
// compiled, everything is what it is without types: RowInput, Row, any name.

import type { BigIntArray, ColumnInput, ColumnsInput, ElementsColumn, NumberArray, SparseTermsColumn, TextsColumn, ValuesColumn } from './column-input.js';
import type { ElementType, Field } from './field.js';
import type { ArrayValue, DenseInput, FieldValue, JsonValue, Row, RowInput, SparseInput, SparseVector } from './row.js';
import type { FieldConditions, FieldFilter, FilterObject } from './filter-object.js';

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

/** A field of a definition: at least its name and type. */
interface Column {
  readonly name: string;
  readonly type: string;
}

type ColumnsOf<D> = D extends { readonly fields: readonly (infer F extends Column)[] } ? F : D extends { readonly dimension: number } ? QuickKey<D> | { readonly name: 'vector'; readonly type: 'FloatVector' } : never;
type QuickKey<D> = { readonly name: 'id'; readonly type: D extends { readonly idType: infer T extends string } ? T : 'Int64'; readonly primaryKey: true; readonly autoId: D extends { readonly autoId: infer A } ? A : false };

/** True if the names of its fields are known. */
export type IsKnown<D> = [ColumnsOf<D>] extends [never] ? false : string extends ColumnsOf<D>['name'] ? false : true;
type IsOpen<D> = D extends { readonly enableDynamicField: true } | { readonly dimension: number } ? true : false;

type ArrayOf<F, Scalars> = F extends { readonly elementType: infer E extends ElementType & keyof Scalars } ? readonly Scalars[E][] : ArrayValue;
type ValueOf<F extends Column, Scalars, Vectors> = F['type'] extends keyof Scalars ? Scalars[F['type']] : F['type'] extends 'Array' ? ArrayOf<F, Scalars> : Vectors;
type VectorIn<F extends Column> = F['type'] extends 'SparseFloatVector' ? SparseInput | readonly (readonly [number, number])[] : DenseInput;
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
    { readonly [F in Exclude<ColumnsOf<D>, OptionalIn<ColumnsOf<D>> | Keys> as Exclude<F['name'], Made<D>>]: ValueOf<F, ScalarsIn, VectorIn<F>> } & {
      readonly [F in OptionalIn<ColumnsOf<D>> as Exclude<F['name'], Made<D>>]?: ValueOf<F, ScalarsIn, VectorIn<F>> | null;
    }
  >,
  RowInput[string]
>;

/** A row as `insert` takes it. */
export type InsertRow<D> = IsKnown<D> extends true ? Given<D, GeneratedIn<ColumnsOf<D>>> : RowInput;
/** A row as `upsert` takes it: its key is given, also where it is generated. */
export type UpsertRow<D> = IsKnown<D> extends true ? Given<D, never> : RowInput;

interface TypedArraysIn {
  readonly Bool: Uint8Array;
  readonly Int8: NumberArray | BigIntArray;
  readonly Int16: NumberArray | BigIntArray;
  readonly Int32: NumberArray | BigIntArray;
  readonly Int64: NumberArray | BigIntArray;
  readonly Float: NumberArray | BigIntArray;
  readonly Double: NumberArray | BigIntArray;
  readonly Timestamptz: BigInt64Array;
  readonly FloatVector: Float32Array | Float64Array;
  readonly Float16Vector: Float32Array | Float64Array | Uint16Array | Uint8Array;
  readonly BFloat16Vector: Float32Array | Float64Array | Uint16Array | Uint8Array;
  readonly Int8Vector: Int8Array | Float32Array | Float64Array;
  readonly BinaryVector: Uint8Array;
}
type TypedArrayOf<T> = T extends keyof TypedArraysIn ? TypedArraysIn[T] : never;
/** With null where `F` may be left out. */
type ListOf<F extends Column> = readonly (ValueOf<F, ScalarsIn, VectorIn<F>> | (F extends OptionalIn<F> ? null | undefined : never))[];
type ElementsOf<F> = F extends { readonly elementType: infer E extends ElementType & keyof ScalarsIn } ? TypedArrayOf<E> | readonly ScalarsIn[E][] : NumberArray | BigIntArray | ArrayValue;
type InPieces<F extends Column> = F['type'] extends 'Array' ? ElementsColumn<ElementsOf<F>> : F['type'] extends 'SparseFloatVector' ? SparseTermsColumn : F['type'] extends 'JSON' ? TextsColumn : never;
type ColumnIn<F extends Column> = ListOf<F> | TypedArrayOf<F['type']> | ValuesColumn<ListOf<F> | TypedArrayOf<F['type']>> | InPieces<F>;

type GivenColumns<D, Keys> = Open<
  D,
  Flat<
    { readonly [F in Exclude<ColumnsOf<D>, OptionalIn<ColumnsOf<D>> | Keys> as Exclude<F['name'], Made<D>>]: ColumnIn<F> } & {
      readonly [F in OptionalIn<ColumnsOf<D>> as Exclude<F['name'], Made<D>>]?: ColumnIn<F> | undefined;
    }
  >,
  ColumnInput | undefined
>;

/** Columns as `insert` takes them. */
export type InsertColumns<D> = IsKnown<D> extends true ? { readonly columns: GivenColumns<D, GeneratedIn<ColumnsOf<D>>> } : ColumnsInput;
/** Columns as `upsert` takes them: the key is given, also where it is generated. */
export type UpsertColumns<D> = IsKnown<D> extends true ? { readonly columns: GivenColumns<D, never> } : ColumnsInput;
/** Of a partial update: at least the key is needed, which the compiler does not ask for. */
export type PartialColumns<D> = IsKnown<D> extends true ? { readonly columns: Partial<GivenColumns<D, never>> } : ColumnsInput;

/** Names that `outputFields` takes. */
export type OutputName<D> = IsKnown<D> extends true ? ColumnsOf<D>['name'] | '*' | (IsOpen<D> extends true ? string & {} : never) : string;

type Picked<D, N> = '*' extends N ? ColumnsOf<D>['name'] : N;
interface VectorsOut {
  readonly FloatVector: Float32Array;
  readonly Float16Vector: Float32Array;
  readonly BFloat16Vector: Float32Array;
  readonly Int8Vector: Int8Array;
  readonly BinaryVector: Uint8Array;
  readonly SparseFloatVector: SparseVector;
}
type VectorOut<F extends Column> = F['type'] extends keyof VectorsOut ? VectorsOut[F['type']] : FieldValue;

/** A row as it comes back, with these fields. */
export type OutputRow<D, N = '*'> =
  IsKnown<D> extends true
    ? Open<D, { readonly [F in ColumnsOf<D> as Extract<F['name'], Picked<D, N>>]: OrNull<F, ValueOf<F, ScalarsOut, VectorOut<F>>> }, FieldValue>
    : Row;

type KeyColumn<D> = Extract<ColumnsOf<D>, { readonly primaryKey: true }>;
/** Its primary keys, as they come back. */
export type KeyOf<D> = IsKnown<D> extends true ? (KeyColumn<D>['type'] extends 'VarChar' ? string : KeyColumn<D>['type'] extends 'Int64' ? bigint : bigint | string) : bigint | string;

type Operand<T> = (T extends bigint ? bigint | number : T extends string ? string | Date : T) | { readonly $field: string };
/** Conditions on values of type T; those that say nothing of them cannot be asked. */
type ConditionsOn<T> = {
  readonly [C in keyof FieldConditions]?: C extends '$eq' | '$ne'
    ? Operand<T> | null
    : C extends '$gt' | '$gte' | '$lt' | '$lte'
      ? Operand<T>
      : C extends '$in' | '$nin'
        ? readonly Exclude<Operand<T>, { readonly $field: string }>[]
        : C extends '$not'
          ? ConditionsOn<T>
          : FieldConditions[C];
};
type FilterOn<T> = T extends boolean | number | bigint | string ? Exclude<Operand<T>, { readonly $field: string }> | null | ConditionsOn<T> : FieldFilter;

/** A filter as an object, whose names and values are those of the definition. Paths into JSON and arrays are names in quotes. */
export type FilterOf<D> =
  IsKnown<D> extends true
    ? Pick<FilterObject, '$expr' | '$sample'> & {
        readonly $and?: readonly FilterOf<D>[];
        readonly $or?: readonly FilterOf<D>[];
        readonly $nor?: readonly FilterOf<D>[];
        readonly $not?: FilterOf<D>;
      } & { readonly [F in ColumnsOf<D> as F['name']]?: FilterOn<ValueOf<F, ScalarsOut, never>> } & { readonly [path: `${string}.${string}` | `${string}[${string}`]: FieldFilter | undefined } & (IsOpen<D> extends true ? { readonly [key: string]: FieldFilter | readonly FilterOf<D>[] | FilterOf<D> | undefined } : unknown)
    : FilterObject;
