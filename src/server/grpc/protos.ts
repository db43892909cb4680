// Protos: Milvus' messages and its service, as the build took them from its JavaScript client. In plain objects members
// have the names of the protocol, int64 are texts, enums are names, bytes are views of what was received, and what was
// not sent has its default value, but for messages (null) and alternatives (absent).

import { createRequire } from 'node:module';
import protobuf from 'protobufjs/light.js';
import { RefusedRequest, STATUS } from '../status.js';
import { checkElements } from './elements.js';

const PACKAGE = 'milvus.proto';
const PLAIN = { longs: String, enums: String, defaults: true, arrays: true, objects: true, oneofs: true } as const;

export interface Message {
  /** Errors: 1100 for bytes that are not such a message, 1102 for more in it than `checkElements` lets through. */
  decode(bytes: Uint8Array): object;
  /** Members that are left out have their default value. Errors: those of protobufjs for values that a member cannot have. */
  encode(content: object): Uint8Array;
  /** Members that are `common.Status`, by their names. */
  readonly statusMembers: readonly string[];
}

export interface Procedure {
  readonly name: string;
  /** As it stands in an HTTP/2 request. */
  readonly path: string;
  readonly request: Message;
  readonly response: Message;
  /** Whether the response is a `common.Status` itself. */
  readonly answersStatus: boolean;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

export class Protos {
  readonly #root: protobuf.Root;

  constructor(json: object) {
    this.#root = protobuf.Root.fromJSON(json);
    this.#root.resolveAll();
  }

  /** By its name in the package, e.g. `schema.CollectionSchema`. */
  message(name: string): Message {
    return messageOf(this.#root.lookupType(`${PACKAGE}.${name}`));
  }

  /** Number of a value of an enum, e.g. of `common.ErrorCode`; undefined if it has none of that name. */
  enumValue(name: string, value: string): number | undefined {
    return this.#root.lookupEnum(`${PACKAGE}.${name}`).values[value];
  }

  /** Every remote procedure of the service. */
  procedures(): readonly Procedure[] {
    const service = this.#root.lookupService(`${PACKAGE}.milvus.MilvusService`);
    const prefix = service.fullName.slice(1);
    return service.methodsArray.map((method) => {
      const { name, resolvedRequestType, resolvedResponseType, requestStream = false, responseStream = false } = method;
      if (resolvedRequestType === null || resolvedResponseType === null) throw new TypeError(`${name}: expected resolved types`);
      return {
        name,
        path: `/${prefix}/${name}`,
        request: messageOf(resolvedRequestType),
        response: messageOf(resolvedResponseType),
        answersStatus: isStatus(resolvedResponseType),
        requestStream,
        responseStream,
      };
    });
  }
}

function messageOf(type: protobuf.Type): Message {
  return {
    decode: (bytes) => type.toObject(decodeOf(type, bytes), PLAIN),
    encode: (content) => type.encode(type.fromObject(content)).finish(),
    statusMembers: type.fieldsArray.filter(({ resolvedType }) => resolvedType instanceof protobuf.Type && isStatus(resolvedType)).map(({ name }) => name),
  };
}

function decodeOf(type: protobuf.Type, bytes: Uint8Array): protobuf.Message {
  try {
    checkElements(type, bytes);
    // The plain reader: that of buffers takes a text that is cut off.
    return type.decode(new protobuf.Reader(bytes));
  } catch (error) {
    if (error instanceof RefusedRequest) throw error;
    throw new RefusedRequest(STATUS.invalidParameter, `expected a ${type.name} as a message of protobuf: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isStatus({ fullName }: protobuf.Type): boolean {
  return fullName === `.${PACKAGE}.common.Status`;
}

let loaded: Protos | undefined;

/** Those that the build has made, read once. Errors: if they are not there, as nothing was built. */
export function milvusProtos(): Protos {
  loaded ??= new Protos(createRequire(import.meta.url)('#milvus-protos.json') as object);
  return loaded;
}
