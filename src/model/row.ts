// Row: what a caller puts in and gets back. Int64 values come back as bigint always, exact; they may be
// given as bigint or as a safe integer. Integers within JSON come back as bigint only beyond 2^53. Vectors come back as typed arrays.

/** Int64 (bigint) or VarChar (string) identity of a row. */
export type PrimaryKey = bigint | string;

/** An integer given as bigint (-2^63 to 2^64 - 1) comes back exact: as number up to 2^53, else as bigint. Numbers come back as numbers. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Numbers, as the type of the field takes them; of a BinaryVector bytes of 8 bits; of f16 and bf16 also their bits, or bytes. */
export type DenseInput = Float32Array | Float64Array | Int8Array | Uint8Array | Uint16Array | readonly number[];

/** A vector by its terms: values by their indices, of 0 to 2^32 - 2. */
export type SparseVector = { readonly [index: number]: number };
/** Sparse vectors as they may be given. */
export type SparseInput = SparseVector | ReadonlyMap<number, number> | { readonly indices: ArrayLike<number>; readonly values: ArrayLike<number> };

/** A vector as it is given, of the kind that its field takes. */
export type Vector = DenseInput | SparseInput;

/** An Array field's. */
export type ArrayValue = readonly (boolean | number | bigint | string)[];

/** A value as it comes back; a Timestamptz is RFC 3339 text, a Geometry WKT; vectors are Float32Array, Int8Array, bits as Uint8Array, or `{ [index]: value }`. */
export type FieldValue = boolean | number | bigint | string | Float32Array | Int8Array | Uint8Array | SparseVector | ArrayValue | JsonValue;

/** A row as it comes back: field name to value, dynamic keys among them. */
export type Row = { readonly [field: string]: FieldValue };

/** A row as it is given; a Timestamptz may be a Date. */
export type RowInput = { readonly [field: string]: FieldValue | Vector | readonly (readonly [number, number])[] | Date };
