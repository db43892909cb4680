// Typed: a collection whose rows, filters and hits are those of its definition, for the compiler; nothing of it is there
// when it runs. What has no types of its own is as Collection has it.

import type { FilterParams } from '../../model/filter-object.js';
import type { Hit } from '../../model/hit.js';
import type { PrimaryKey, Row, Vector } from '../../model/row.js';
import type { FilterOf, InsertColumns, InsertRow, IsKnown, KeyOf, OutputName, OutputRow, PartialColumns, UpsertColumns, UpsertRow } from '../../model/typed.js';
import type { Collection } from './collection.js';
import type { CollectionDefinition } from './definition.js';
import type { HybridOfOne, HybridOfSeveral, HybridOptions } from './hybrid.js';
import type { Batches, QueryIteratorOptions, SearchIteratorRequest } from './iterate.js';
import type { CountOptions, GetRequest, KeysOptions, QueryOptions } from './query.js';
import type { SearchOptions, SearchResult } from './search.js';
import type { DeleteResult, MutationResult, WriteOptions } from './write.js';

/** `T` with filters and names of fields of the definition D; N are the names that are asked for. */
type Of<T, D, N> = Omit<T, 'filter' | 'outputFields' | 'ids'> & { readonly filter?: string | FilterOf<D>; readonly outputFields?: readonly N[] };
/** As `aggregate` has it, which `outputFields` takes too: 'count(*)'. */
type AggregateName = `${string}(${string})`;
type Keys<D> = readonly (KeyOf<D> | number)[];

/** A hit with the fields that were asked for. */
export interface TypedHit<D, N> extends Omit<Hit, 'id' | 'fields'> {
  readonly id: KeyOf<D> & PrimaryKey;
  readonly fields: OutputRow<D, N> & Row;
}

interface TypedVerbs<D> {
  insert(rows: readonly InsertRow<D>[] | InsertColumns<D>, options?: WriteOptions): Promise<MutationResult>;
  upsert(rows: readonly Partial<UpsertRow<D>>[] | PartialColumns<D>, options: WriteOptions & { readonly partialUpdate: true }): Promise<MutationResult>;
  upsert(rows: readonly UpsertRow<D>[] | UpsertColumns<D>, options?: WriteOptions): Promise<MutationResult>;
  delete(which: { readonly ids: Keys<D> } | { readonly filter: string | FilterOf<D>; readonly filterParams?: FilterParams }, options?: WriteOptions): Promise<DeleteResult>;
  get<const N extends OutputName<D> = '*' & OutputName<D>>(request: Of<GetRequest, D, N> & { readonly ids: Keys<D> }): Promise<readonly (OutputRow<D, N> & Row)[]>;
  /** Rows are untyped where `aggregate` is asked for. */
  query(options: Of<QueryOptions, D, string> & { readonly aggregate: readonly string[] }): Promise<readonly Row[]>;
  query<const N extends OutputName<D> | AggregateName = '*' & OutputName<D>>(options?: Of<QueryOptions, D, N>): Promise<readonly (OutputRow<D, N> & Row)[]>;
  count(filter?: string | FilterOf<D>, filterParams?: FilterParams, options?: CountOptions): Promise<number>;
  keys(options?: Of<KeysOptions, D, never>): ReturnType<Collection['keys']>;
  search<const N extends OutputName<D> = never>(request: Of<SearchOptions, D, N> & { readonly data: Vector | string }): Promise<SearchResult<readonly TypedHit<D, N>[]>>;
  search<const N extends OutputName<D> = never>(request: Of<SearchOptions, D, N> & { readonly data: readonly Vector[] | readonly string[] }): Promise<SearchResult<readonly (readonly TypedHit<D, N>[])[]>>;
  search<const N extends OutputName<D> = never>(request: Of<SearchOptions, D, N> & { readonly ids: Keys<D> }): Promise<SearchResult<readonly (readonly TypedHit<D, N>[])[]>>;
  hybridSearch<const N extends OutputName<D> = never>(request: Of<HybridOptions, D, N> & HybridOfOne): Promise<SearchResult<readonly TypedHit<D, N>[]>>;
  hybridSearch<const N extends OutputName<D> = never>(request: Of<HybridOptions, D, N> & HybridOfSeveral): Promise<SearchResult<readonly (readonly TypedHit<D, N>[])[]>>;
  queryIterator<const N extends OutputName<D> = '*' & OutputName<D>>(options?: Of<QueryIteratorOptions, D, N>): Promise<Batches<OutputRow<D, N> & Row>>;
  searchIterator<const N extends OutputName<D> = never>(request: Of<SearchIteratorRequest, D, N> & { readonly data: Vector | string }): Promise<Batches<TypedHit<D, N>>>;
}

/** The collection that a definition describes; Collection itself where its fields are not known to the compiler. */
export type TypedCollection<D extends CollectionDefinition = CollectionDefinition> = IsKnown<D> extends true ? Omit<Collection, keyof TypedVerbs<D>> & TypedVerbs<D> : Collection;

/** `definition` as it is, with the types of its fields kept: for `createCollection`, and for `collection<typeof definition>`. */
export function defineCollection<const D extends CollectionDefinition>(definition: D): D {
  return definition;
}
