// The names that every runtime exports besides its own `open`.

export type {
  AliasDescription,
  AnalyzerChoice,
  AnalyzerToken,
  Collection,
  CollectionDefinition,
  CollectionDescription,
  CollectionStats,
  CountOptions,
  Database,
  DatabaseDescription,
  DatabaseStats,
  DeleteResult,
  FieldChange,
  Health,
  IndexChoice,
  IndexDescription,
  KeyList,
  KeysOptions,
  LoadState,
  MutationResult,
  PartitionStats,
  PropertiesInput,
  PullOptions,
  PullProgress,
  PullResult,
  RefusedWrites,
  SegmentStats,
  SessionCollection,
  SessionError,
  SessionOptions,
  SessionState,
  SessionStatus,
  SyncedCollection,
  SyncOptions,
  SyncProgress,
  SyncResult,
  SyncSession,
  BoostFunction,
  BoostRerank,
  DecayRerank,
  Fusion,
  GroupOptions,
  GroupScorer,
  HybridOfOne,
  HybridOfSeveral,
  HybridOptions,
  HybridPart,
  Explain,
  ExplainOptions,
  QueryExplain,
  SearchExplain,
  SegmentCost,
  SegmentExplain,
  SegmentWay,
  HighlightOptions,
  BatchOptions,
  Batches,
  GetRequest,
  QueryIteratorOptions,
  SearchIteratorRequest,
  SearchPage,
  SearchPlace,
  OrderBy,
  QueryOptions,
  SearchOptions,
  RemoteOptions,
  RemoteUse,
  SearchSources,
  SearchRerank,
  ReadOptions,
  SearchResult,
  UploadOptions,
  UploadProgress,
  UploadResult,
  UpsertOptions,
  WriteOptions,
} from './engine/api.js';
export type { BigIntArray, ColumnInput, ColumnValues, ColumnsInput, ElementsColumn, NumberArray, Offsets, SparseTermsColumn, TextsColumn, Validity, ValuesColumn } from './model/column-input.js';
export { defineCollection, type TypedCollection, type TypedHit } from './engine/api/typed.js';
export type { ExportOptions, ExportProgress } from './io/export.js';
export type { ExportFormat, ImportFormat } from './io/formats.js';
export type { ImportCollectionOptions, ImportOptions, ImportProgress, ImportResult } from './io/import.js';
export { exportRows, importCollection, importRows, inferCollection } from './io/index.js';
export type { InferredDefinition } from './io/infer.js';
export type { ByteBlob, ByteSource, ByteStream, RandomBytes } from './io/source.js';
export type { Ack } from './model/ack.js';
export { ElanusError, type ErrorCode } from './model/errors.js';
export type { AnalyzerParamsInput, DataType, Field } from './model/field.js';
export type { FieldConditions, FieldFilter, FilterInput, FilterObject, FilterOperand, FilterParam, FilterParams, FilterScalar } from './model/filter-object.js';
export type { Hit } from './model/hit.js';
export type { ConsistencyLevel } from './model/consistency-level.js';
export type { MilvusCode } from './model/milvus-code.js';
export type { IndexDefinition, IndexRequest } from './model/index-definition.js';
export type { IndexMetric, IndexTypeName } from './model/index-type.js';
export type { Metric } from './model/metric.js';
export type { Params, ParamValue } from './model/parameter.js';
export type { FieldValue, JsonValue, PrimaryKey, Row, RowInput, Vector } from './model/row.js';
export type { Schema, SchemaFunction } from './model/schema.js';
export type { EncryptionKey } from './ports/cipher.js';
export type { FilterOf, InsertRow, KeyOf, OutputRow, UpsertRow } from './model/typed.js';
