// Milvus' messages as its JavaScript client has them, read by protobufjs: what our own codecs are held to.

import { createRequire } from 'node:module';
import protobuf from 'protobufjs/light.js';

const json = (createRequire(import.meta.url)('@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus') as { readonly default: object }).default;
const root = protobuf.Root.fromJSON(json);
root.resolveAll();

/** By its name in the package, e.g. `milvus.SearchRequest`. */
export function messageType(name: string): protobuf.Type {
  return root.lookupType(`milvus.proto.${name}`);
}

/** Bytes of a message with these members. */
export function encoded(name: string, content: object): Buffer {
  const type = messageType(name);
  return Buffer.from(type.encode(type.fromObject(content)).finish());
}

/** Members of a message: int64 as text, bytes as Buffer. */
export function decoded(name: string, bytes: Uint8Array): Record<string, unknown> {
  const type = messageType(name);
  return type.toObject(type.decode(bytes), { longs: String, enums: Number, defaults: true, arrays: true });
}
