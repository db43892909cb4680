// LangChain: a collection as a vector store of LangChain.js. A document is a row: its text and vector are fields of the
// schema, its metadata dynamic keys, so that filters name them as they are: `source == "manual.pdf" and loc["page"] > 3`.

import { Document, type DocumentInterface } from '@langchain/core/documents';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { maximalMarginalRelevance } from '@langchain/core/utils/math';
import { VectorStore, type MaxMarginalRelevanceSearchOptions } from '@langchain/core/vectorstores';
import type { Collection, Database } from '../engine/api.js';
import { require, type ElanusError } from '../model/errors.js';
import type { FilterInput } from '../model/filter-object.js';
import type { Hit } from '../model/hit.js';
import type { Metric } from '../model/metric.js';
import type { PrimaryKey, Row, RowInput } from '../model/row.js';
import { primaryField } from '../model/schema.js';

export interface ElanusStoreOptions {
  readonly db: Database;
  /** Made by the first documents that are added if it is not there. Default "langchain". */
  readonly collectionName?: string;
  /** Fields of the collection. Default: `id`, `text` and `vector`. Metadata has no key of these names. */
  readonly fields?: Partial<StoreFields>;
  /** Of a collection that is made; default COSINE. */
  readonly metric?: Exclude<Metric, 'HAMMING' | 'JACCARD' | 'BM25'>;
}

export interface StoreFields {
  readonly id: string;
  readonly text: string;
  readonly vector: string;
}

export type DeleteParams = { readonly ids: readonly string[] } | { readonly filter: FilterInput };

const DEFAULT_FIELDS: StoreFields = { id: 'id', text: 'text', vector: 'vector' };
const ID_BYTES_MAX = 256;
const TEXT_BYTES_MAX = 65_535;
/** Documents among which those of most marginal relevance are chosen, where the caller does not say. */
const FETCH_K = 20;
const LAMBDA = 0.5;

export class ElanusVectorStore extends VectorStore {
  declare FilterType: FilterInput;
  readonly #db: Database;
  readonly #name: string;
  readonly #fields: StoreFields;
  readonly #metric: NonNullable<ElanusStoreOptions['metric']>;
  #opened: Promise<Collection> | undefined;

  constructor(embeddings: EmbeddingsInterface, options: ElanusStoreOptions) {
    // LangChain prints what it is given here: no database.
    super(embeddings, {});
    const { db, collectionName = 'langchain', fields, metric = 'COSINE' } = options;
    this.#db = db;
    this.#name = collectionName;
    this.#fields = { ...DEFAULT_FIELDS, ...fields };
    this.#metric = metric;
  }

  override _vectorstoreType(): string {
    return 'elanus';
  }

  static override async fromTexts(texts: string[], metadatas: object[] | object, embeddings: EmbeddingsInterface, options: ElanusStoreOptions): Promise<ElanusVectorStore> {
    require(!Array.isArray(metadatas) || metadatas.length === texts.length, () => `metadatas: expected one for each of ${texts.length} texts, found ${(metadatas as object[]).length}`);
    const documents = texts.map((pageContent, at) => new Document({ pageContent, metadata: (Array.isArray(metadatas) ? metadatas[at] : metadatas) as Record<string, unknown> }));
    return ElanusVectorStore.fromDocuments(documents, embeddings, options);
  }

  static override async fromDocuments(documents: DocumentInterface[], embeddings: EmbeddingsInterface, options: ElanusStoreOptions): Promise<ElanusVectorStore> {
    const store = new ElanusVectorStore(embeddings, options);
    await store.addDocuments(documents);
    return store;
  }

  /** Over a collection that is there. Errors: `NotFound`; `InvalidArgument` if it lacks one of the fields. */
  static async fromExistingCollection(embeddings: EmbeddingsInterface, options: ElanusStoreOptions): Promise<ElanusVectorStore> {
    const store = new ElanusVectorStore(embeddings, options);
    await store.#collection();
    return store;
  }

  override async addDocuments(documents: DocumentInterface[], options: { readonly ids?: readonly string[] } = {}): Promise<string[]> {
    return this.addVectors(await this.embeddings.embedDocuments(documents.map(({ pageContent }) => pageContent)), documents, options);
  }

  /**
   * Documents with an id that is there replace what has it. Ids: those of `options`, else of the documents, else new ones. All or nothing.
   * Errors: `InvalidArgument` for metadata with a key of the store's own, or no vector of the collection's dimension.
   */
  override async addVectors(vectors: number[][], documents: DocumentInterface[], { ids }: { readonly ids?: readonly string[] } = {}): Promise<string[]> {
    require(vectors.length === documents.length, () => `addVectors: expected one vector for each of ${documents.length} documents, found ${vectors.length}`);
    require(ids === undefined || ids.length === documents.length, () => `addVectors: expected one id for each of ${documents.length} documents, found ${ids?.length}`);
    if (documents.length === 0) return [];
    const collection = await this.#collectionFor((vectors[0] as number[]).length);
    const given = documents.map((document, at) => ids?.[at] ?? document.id);
    const isGenerated = primaryField(collection.schema).autoId === true && given.every((id) => id === undefined);
    const rows = documents.map((document, at) => this.#rowOf(collection, document, vectors[at] as number[], isGenerated ? undefined : (given[at] ?? crypto.randomUUID())));
    const written = isGenerated ? await collection.insert(rows) : await collection.upsert(rows);
    return Array.from(written.ids, String);
  }

  /** Errors: `InvalidArgument` without ids or a filter: all documents are deleted by dropping the collection. */
  override async delete(params: DeleteParams): Promise<void> {
    const { ids, filter } = (params ?? {}) as { readonly ids?: readonly string[]; readonly filter?: FilterInput };
    require((ids === undefined) !== (filter === undefined), () => 'delete: expected ids or a filter');
    const collection = await this.#collection();
    await collection.delete(filter === undefined ? { ids: (ids as readonly string[]).map((id) => keyOf(collection, id)) } : { filter });
  }

  /** Scores are those of the collection's metric: COSINE and IP the greater the nearer, L2 the squared distance. Nothing is found where there is no collection yet. */
  override async similaritySearchVectorWithScore(query: number[], k: number, filter?: FilterInput): Promise<[Document, number][]> {
    return (await this.#hits(query, k, filter)).map((hit) => [this.#documentOf(hit), hit.score]);
  }

  override async maxMarginalRelevanceSearch(query: string, { k, fetchK = FETCH_K, lambda = LAMBDA, filter }: MaxMarginalRelevanceSearchOptions<FilterInput>): Promise<Document[]> {
    const vector = await this.embeddings.embedQuery(query);
    const hits = await this.#hits(vector, Math.max(k, fetchK), filter);
    const vectors = hits.map(({ fields }) => Array.from(fields[this.#fields.vector] as Float32Array));
    return maximalMarginalRelevance(vector, vectors, lambda, k).map((at) => this.#documentOf(hits[at] as Hit));
  }

  async #hits(data: number[], limit: number, filter: FilterInput | undefined): Promise<readonly Hit[]> {
    if (this.#opened === undefined && !(await this.#db.hasCollection(this.#name))) return [];
    const collection = await this.#collection();
    const { hits } = await collection.search({ annsField: this.#fields.vector, data, limit, outputFields: ['*'], ...(filter === undefined ? {} : { filter }) });
    return hits;
  }

  #documentOf({ id, fields }: Hit): Document {
    const { [this.#fields.id]: _key, [this.#fields.text]: text, [this.#fields.vector]: _vector, ...metadata } = fields as Row;
    return new Document({ id: String(id), pageContent: (text ?? '') as string, metadata });
  }

  #rowOf(collection: Collection, { pageContent, metadata }: DocumentInterface, vector: number[], id: string | undefined): RowInput {
    const { id: key, text, vector: field } = this.#fields;
    for (const own of [key, text, field]) {
      require(!Object.hasOwn(metadata, own), () => `metadata: "${own}" is a field of the store: give it another name by fields`);
    }
    return { ...metadata, ...(id === undefined ? {} : { [key]: keyOf(collection, id) }), [text]: pageContent, [field]: vector } as RowInput;
  }

  async #collectionFor(dim: number): Promise<Collection> {
    return this.#remember(async () => {
      const { id, text, vector } = this.#fields;
      if (await this.#db.hasCollection(this.#name)) return this.#checked(await this.#db.collection(this.#name));
      const made = this.#db.createCollection({
        name: this.#name,
        enableDynamicField: true,
        fields: [
          { name: id, type: 'VarChar', maxLength: ID_BYTES_MAX, primaryKey: true },
          { name: text, type: 'VarChar', maxLength: TEXT_BYTES_MAX },
          { name: vector, type: 'FloatVector', dim, metric: this.#metric },
        ],
      });
      // Another tab, or another store, may have been first.
      return made.catch(async (error: unknown) => {
        if ((error as Partial<ElanusError>).code === 'AlreadyExists') return this.#checked(await this.#db.collection(this.#name));
        throw error;
      });
    });
  }

  #collection(): Promise<Collection> {
    return this.#remember(async () => this.#checked(await this.#db.collection(this.#name)));
  }

  /** What failed is tried again by the next call. */
  #remember(open: () => Promise<Collection>): Promise<Collection> {
    this.#opened ??= open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  #checked(collection: Collection): Collection {
    const { fields } = collection.schema;
    const { id, text, vector } = this.#fields;
    require(primaryField(collection.schema).name === id, () => `collection "${this.#name}": its primary key is "${primaryField(collection.schema).name}", not "${id}": say so by fields`);
    for (const [name, type] of [[text, 'VarChar'], [vector, 'FloatVector']] as const) {
      require(fields.some((field) => field.name === name && field.type === type), () => `collection "${this.#name}": expected a field "${name}" of type ${type}: say by fields which it is`);
    }
    return collection;
  }
}

function keyOf({ schema }: Collection, id: string): PrimaryKey {
  const { name, type } = primaryField(schema);
  if (type === 'VarChar') return id;
  require(/^-?\d{1,19}$/.test(id), () => `${name}: expected an integer as text, found ${JSON.stringify(id)}`);
  return BigInt(id);
}
