// The public API as types: what `open()` gives, in every runtime. In Node and at the edge the engine implements
// it in process; in a browser the page holds the same interface over a worker. Every error is an `ElanusError`.

export type { CollectionDefinition, CollectionDescription, FieldChange, IndexDescription, IndexChoice } from './api/definition.js';
export type { AnalyzerChoice, AnalyzerToken } from './api/analyzer.js';
export type { Health, TaskKind, TaskEvent, WrittenBytes, CollectionStats, SegmentStats, VectorStats, DatabaseStats } from './api/health.js';
export type { WriteOptions, UpsertOptions, MutationResult, DeleteResult, CompactOptions, CompactResult } from './api/write.js';
export type { PullOptions, PullProgress, PullResult } from './api/pull.js';
export type { RemoteOptions, RemoteUse, SearchSources } from './api/remote.js';
export type { SessionCollection, SessionError, SessionOptions, SessionState, SessionStatus, SyncSession } from './api/session.js';
export type { UploadOptions, UploadProgress, UploadResult } from './api/upload.js';
export type { RefusedWrites, SyncedCollection, SyncOptions, SyncProgress, SyncResult } from './api/sync.js';
export type { SearchIds, SearchOptions, SearchQueries, SearchRerank, SearchResult, MissingRows, PartialAnswer } from './api/search.js';
export type { HybridOfOne, HybridOfSeveral, HybridOptions, HybridPart, Fusion, GroupOptions, GroupScorer, DecayRerank, BoostRerank, BoostFunction } from './api/hybrid.js';
export type { HighlightOptions } from './api/highlight.js';
export type { Explain, ExplainOptions, QueryExplain, SearchExplain, SegmentCost, SegmentExplain, SegmentWay } from './api/explain.js';
export type { Batches, BatchOptions, QueryIteratorOptions, SearchIteratorRequest, SearchPage, SearchPlace } from './api/iterate.js';
export type { ReadOptions, CountOptions, GetRequest, QueryOptions, OrderBy, KeysOptions, KeyList } from './api/query.js';
export type { AliasDescription, DatabaseDescription, PropertiesInput } from './api/naming.js';
export type { PartitionStats, LoadState } from './api/partition.js';
export type { Collection } from './api/collection.js';
export type { Database } from './api/database.js';
