// Methods: the names of all remote procedures of Milvus' service, as its own client for Node has them.

import { createRequire } from 'node:module';

interface Described {
  readonly nested: { readonly milvus: { readonly nested: { readonly proto: { readonly nested: { readonly milvus: { readonly nested: { readonly MilvusService: { readonly methods: object } } } } } } } };
}

const described = (createRequire(import.meta.url)('@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus') as { readonly default: Described }).default;

export const METHODS: readonly string[] = Object.keys(described.nested.milvus.nested.proto.nested.milvus.nested.MilvusService.methods);
