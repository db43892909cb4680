// Messages: those of Milvus' protocol that several remote procedures share, as `protos` gives and takes them. Numbers of
// 64 bits are decimal text.

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** What requests about one collection name. */
export interface OfCollection {
  readonly db_name: string;
  readonly collection_name: string;
}

/** One of its members. */
export interface ValueMessage {
  readonly bool_data?: boolean;
  readonly int_data?: number;
  readonly long_data?: string;
  readonly float_data?: number;
  readonly double_data?: number;
  readonly string_data?: string;
  readonly timestamptz_data?: string;
}

export interface FieldMessage {
  readonly fieldID: string | number;
  readonly name: string;
  readonly description: string;
  readonly is_primary_key: boolean;
  readonly data_type: string;
  readonly element_type: string;
  readonly type_params: readonly KeyValue[];
  readonly index_params: readonly KeyValue[];
  readonly autoID: boolean;
  readonly default_value: ValueMessage | null;
  readonly is_dynamic: boolean;
  readonly is_partition_key: boolean;
  readonly is_clustering_key: boolean;
  readonly nullable: boolean;
  readonly is_function_output: boolean;
}

export interface FunctionMessage {
  readonly name: string;
  readonly id: string | number;
  readonly description: string;
  readonly type: string;
  readonly input_field_names: readonly string[];
  readonly input_field_ids: readonly (string | number)[];
  readonly output_field_names: readonly string[];
  readonly output_field_ids: readonly (string | number)[];
  readonly params: readonly KeyValue[];
}

export interface SchemaMessage {
  readonly name: string;
  readonly description: string;
  readonly autoID: boolean;
  readonly fields: readonly FieldMessage[];
  readonly enable_dynamic_field: boolean;
  readonly properties: readonly KeyValue[];
  readonly functions: readonly FunctionMessage[];
}

/** As requests carry it. */
export interface AskedSchema extends SchemaMessage {
  readonly struct_array_fields: readonly object[];
  readonly external_source: string;
  readonly enable_namespace: boolean;
}

export function propertiesOf(pairs: readonly KeyValue[]): Readonly<Record<string, string>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

export function pairsOf(properties: Readonly<Record<string, string>>): readonly KeyValue[] {
  return Object.entries(properties).map(([key, value]) => ({ key, value }));
}
