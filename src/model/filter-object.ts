// FilterObject: a filter as a plain object, `{ year: { $gte: 2020 }, $or: [...] }`. It says what a text filter says and
// becomes the same Filter; it is what a program builds, where a text is what a person writes. Conditions of one object
// hold together.

export type FilterScalar = boolean | number | bigint | string | Date;

/** What a condition compares with: a value, or another field of the row. */
export type FilterOperand = FilterScalar | { readonly $field: string };

/** Conditions on one field. */
export interface FieldConditions {
  /** null: as `$null: true`. */
  readonly $eq?: FilterOperand | null | readonly FilterScalar[];
  /** null: as `$null: false`. */
  readonly $ne?: FilterOperand | null | readonly FilterScalar[];
  readonly $gt?: FilterOperand;
  readonly $gte?: FilterOperand;
  readonly $lt?: FilterOperand;
  readonly $lte?: FilterOperand;
  readonly $in?: readonly FilterScalar[];
  readonly $nin?: readonly FilterScalar[];
  /** `%` any characters, `_` one, a backslash takes the next as it is. */
  readonly $like?: string;
  /** A regular expression that a part of the text matches. */
  readonly $regex?: string;
  readonly $notRegex?: string;
  readonly $null?: boolean;
  /** Of JSON: whether the path leads to a value. */
  readonly $exists?: boolean;
  readonly $contains?: FilterScalar | readonly FilterScalar[];
  readonly $containsAll?: readonly (FilterScalar | readonly FilterScalar[])[];
  readonly $containsAny?: readonly (FilterScalar | readonly FilterScalar[])[];
  /** Of the number of elements. */
  readonly $length?: number | FieldConditions;
  readonly $match?: string | { readonly query: string; readonly minimumShouldMatch?: number };
  readonly $phrase?: string | { readonly query: string; readonly slop?: number };
  readonly $not?: FieldConditions;
}

/** A value (equal to it; null: is null), conditions, or the same of the keys of a JSON value. */
export type FieldFilter = FilterScalar | null | readonly FilterScalar[] | FieldConditions | { readonly [key: string]: FieldFilter };

/** By field or dynamic key, which may be a path: `'meta.author.name'`, `'tags[0]'`, `'meta["a.b"]'`. */
export interface FilterObject {
  readonly $and?: readonly FilterObject[];
  readonly $or?: readonly FilterObject[];
  readonly $nor?: readonly FilterObject[];
  readonly $not?: FilterObject;
  /** A filter as text: what an object cannot say, like arithmetic. */
  readonly $expr?: string;
  readonly $sample?: number | { readonly share: number; readonly seed?: number };
  readonly [field: string]: FieldFilter | readonly FilterObject[] | FilterObject | undefined;
}

/** A filter wherever one is taken. */
export type FilterInput = string | FilterObject;

export type FilterParam = FilterScalar | readonly FilterParam[];

/** Values of the `{name}` of a text filter. */
export type FilterParams = { readonly [name: string]: FilterParam };
