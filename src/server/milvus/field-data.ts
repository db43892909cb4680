// FieldData: values of one field as clients send them: Milvus' column of rows, told by the member of the message that holds
// them. Nothing of it fits the schema before it was checked.

/** Scalars; those of one row of an Array, too. */
export type ScalarValues =
  | { readonly kind: 'bool'; readonly values: Uint8Array }
  | { readonly kind: 'int'; readonly values: Int32Array }
  | { readonly kind: 'long'; readonly values: BigInt64Array }
  /** Microseconds since 1970. */
  | { readonly kind: 'timestamptz'; readonly values: BigInt64Array }
  | { readonly kind: 'float'; readonly values: Float32Array }
  | { readonly kind: 'double'; readonly values: Float64Array }
  | { readonly kind: 'string'; readonly values: readonly string[] }
  /** Geometries as WKT. */
  | { readonly kind: 'wkt'; readonly values: readonly string[] }
  /** JSON texts. */
  | { readonly kind: 'json'; readonly values: readonly string[] }
  /** Of each row its elements; undefined where none were sent. */
  | { readonly kind: 'array'; readonly elementType: number; readonly values: readonly (ScalarValues | undefined)[] };

export type VectorValues =
  | { readonly kind: 'float_vector'; readonly dim: number; readonly values: Float32Array }
  | { readonly kind: 'binary_vector' | 'float16_vector' | 'bfloat16_vector' | 'int8_vector'; readonly dim: number; readonly values: Uint8Array }
  /** Pairs of an u32 index and an f32 value, little-endian, of each row. */
  | { readonly kind: 'sparse_float_vector'; readonly values: readonly Uint8Array[] };

export interface FieldData {
  readonly name: string;
  /** Number of the data type, as sent: 0 if it was not. */
  readonly type: number;
  readonly isDynamic: boolean;
  /** Of each row 1, or 0 where it is null; undefined if not sent. */
  readonly valid: Uint8Array | undefined;
  /** Undefined if there are none. `other` is what this server has no type for. */
  readonly data: ScalarValues | VectorValues | { readonly kind: 'other'; readonly member: string } | undefined;
}
