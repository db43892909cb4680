// RawClient: calls over gRPC by nothing but grpc-js: the bytes of its request are made before the clock starts, those of
// its answer are not read. What Milvus' client does beyond that is its own.

import { Client, credentials, Metadata } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { load } from '../repository.js';

const SERVICE = '/milvus.proto.milvus.MilvusService';
const FLOAT_VECTOR_PLACEHOLDER = 101;

export class RawClient {
  readonly #client: Client;
  readonly #root = protobuf.Root.fromJSON(load('dist/milvus-protos.json') as protobuf.INamespace);

  readonly #metadata = new Metadata();

  /** `headers` go with each call. */
  constructor(address: string, headers: Readonly<Record<string, string>> = {}) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
    for (const [name, value] of Object.entries(headers)) this.#metadata.set(name, value);
  }

  /** The bytes of a search for one vector. */
  request(collection: string, vector: Float32Array, k: number): Buffer {
    const pairs = Object.entries({ anns_field: 'vector', topk: String(k), params: '{}', metric_type: '' }).map(([key, value]) => ({ key, value }));
    const group = this.#bytes('milvus.proto.common.PlaceholderGroup', { placeholders: [{ tag: '$0', type: FLOAT_VECTOR_PLACEHOLDER, values: [Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)] }] });
    return this.#bytes('milvus.proto.milvus.SearchRequest', { collection_name: collection, dsl_type: 1, placeholder_group: group, search_params: pairs, nq: 1, use_default_consistency: true });
  }

  /** The bytes of an Insert, or of an Upsert, of these vectors under the keys from 0 on, each with a text in its dynamic field. */
  insertRequest(collection: string, vectors: ArrayLike<number>, d: number): Buffer {
    const rows = vectors.length / d;
    const ids = Array.from({ length: rows }, (_, row) => row);
    const fields = [
      { type: 5, field_name: 'id', scalars: { long_data: { data: ids } } },
      { type: 101, field_name: 'vector', vectors: { dim: d, float_vector: { data: Array.from(vectors) } } },
      { type: 23, field_name: '$meta', is_dynamic: true, scalars: { json_data: { data: ids.map((id) => Buffer.from(`{"text":"row ${id}"}`)) } } },
    ];
    return this.#bytes('milvus.proto.milvus.InsertRequest', { collection_name: collection, fields_data: fields, num_rows: rows });
  }

  /** The bytes of a Query for so many rows, with all their fields. */
  queryRequest(collection: string, limit: number): Buffer {
    return this.#bytes('milvus.proto.milvus.QueryRequest', { collection_name: collection, expr: 'id >= 0', output_fields: ['*'], query_params: [{ key: 'limit', value: String(limit) }] });
  }

  /** Errors: what the server answers by a status. */
  async query(request: Buffer): Promise<void> {
    this.#check('QueryResults', await this.call(`${SERVICE}/Query`, request));
  }

  async insert(request: Buffer): Promise<void> {
    this.#check('MutationResult', await this.call(`${SERVICE}/Insert`, request));
  }

  async upsert(request: Buffer): Promise<void> {
    this.#check('MutationResult', await this.call(`${SERVICE}/Upsert`, request));
  }

  /** Makes a role with so many grants. */
  async restoreGrants(role: string, count: number): Promise<void> {
    const grants = Array.from({ length: count }, (_, at) => ({ role: { name: role }, object: { name: 'Collection' }, object_name: `c${at}`, grantor: { user: { name: 'root' }, privilege: { name: 'Query' } }, db_name: 'default' }));
    const answer = await this.call(`${SERVICE}/RestoreRBAC`, this.#bytes('milvus.proto.milvus.RestoreRBACMetaRequest', { RBAC_meta: { roles: [{ name: role }], grants } }));
    const status = this.#root.lookupType('milvus.proto.common.Status').decode(answer) as unknown as { readonly code?: number; readonly reason?: string };
    if ((status.code ?? 0) !== 0) throw new Error(`RestoreRBAC: ${status.code}: ${status.reason}`);
  }

  search(request: Buffer): Promise<Buffer> {
    return this.call(`${SERVICE}/Search`, request);
  }

  /** A call that asks for next to nothing. */
  version(): Promise<Buffer> {
    return this.call(`${SERVICE}/GetVersion`, Buffer.alloc(0));
  }

  call(path: string, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, (bytes: Buffer) => bytes, (bytes: Buffer) => bytes, request, this.#metadata, (error, answer) => (error === null && answer !== undefined ? resolve(answer) : reject(error ?? new Error('no answer'))));
    });
  }

  /** How many hits an answer has. */
  hits(answer: Buffer): number {
    const { results } = this.#root.lookupType('milvus.proto.milvus.SearchResults').decode(answer) as unknown as { readonly results?: { readonly scores?: readonly number[] } };
    return results?.scores?.length ?? 0;
  }

  close(): void {
    this.#client.close();
  }

  #check(type: string, answer: Buffer): void {
    const { status } = this.#root.lookupType(`milvus.proto.milvus.${type}`).decode(answer) as unknown as { readonly status?: { readonly code?: number; readonly reason?: string } };
    if ((status?.code ?? 0) !== 0) throw new Error(`${type}: ${status?.code}: ${status?.reason}`);
  }

  #bytes(type: string, message: object): Buffer {
    const found = this.#root.lookupType(type);
    return Buffer.from(found.encode(found.fromObject(message)).finish());
  }
}
