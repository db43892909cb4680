// RawClient: a search over gRPC by nothing but grpc-js: the bytes of its request are made before the clock starts, those of
// its answer are not read. What Milvus' client does beyond that is its own.

import { Client, credentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { load } from '../repository.js';

const METHOD = '/milvus.proto.milvus.MilvusService/Search';
const FLOAT_VECTOR_PLACEHOLDER = 101;

export class RawClient {
  readonly #client: Client;
  readonly #root = protobuf.Root.fromJSON(load('dist/milvus-protos.json') as protobuf.INamespace);

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** The bytes of a search for one vector. */
  request(collection: string, vector: Float32Array, k: number): Buffer {
    const pairs = Object.entries({ anns_field: 'vector', topk: String(k), params: '{}', metric_type: '' }).map(([key, value]) => ({ key, value }));
    const group = this.#bytes('milvus.proto.common.PlaceholderGroup', { placeholders: [{ tag: '$0', type: FLOAT_VECTOR_PLACEHOLDER, values: [Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)] }] });
    return this.#bytes('milvus.proto.milvus.SearchRequest', { collection_name: collection, dsl_type: 1, placeholder_group: group, search_params: pairs, nq: 1, use_default_consistency: true });
  }

  search(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(METHOD, (bytes: Buffer) => bytes, (bytes: Buffer) => bytes, request, (error, answer) => (error === null && answer !== undefined ? resolve(answer) : reject(error ?? new Error('no answer'))));
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

  #bytes(type: string, message: object): Buffer {
    const found = this.#root.lookupType(type);
    return Buffer.from(found.encode(found.fromObject(message)).finish());
  }
}
