// Schema: the parts that requests and answers are made of, as JSON Schema. `type: 'bigint'` stands beside 'integer' for an
// integer beyond 2^53, which our parser keeps exact; the document leaves it out.

import { Type, type TObject, type TOptional, type TProperties, type TSchema, type TUnsafe } from 'typebox';
import type { JsonInput, JsonObject } from '../json.js';

const NAME = { minLength: 1, maxLength: 65_535 } as const;

/** A name that must be given; '' is none. */
export const Name = (description: string) => Type.String({ ...NAME, description });
export const Text = (description: string) => Type.Optional(Type.String({ description }));
export const Flag = (description: string) => Type.Optional(Type.Boolean({ description }));
export const Count = (description: string) => Type.Optional(Type.Integer({ description }));
export const Texts = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

/** Any JSON of these types, not looked into. */
function loose<T>(type: readonly string[], description: string, more: object = {}): TUnsafe<T> {
  return Type.Unsafe<T>({ type: type.length === 1 ? type[0] : type, description, ...more });
}

/** An object that is looked into by what answers. */
export const AnyObject = (description: string): TUnsafe<JsonObject> => loose(['object'], description);
export const SomeObject = (description: string): TOptional<TUnsafe<JsonObject>> => Type.Optional(AnyObject(description));
/** A number, a text or a truth, as Milvus takes values of properties and parameters. */
export const AnyArray = (description: string): TUnsafe<readonly JsonInput[]> => loose(['array'], description, { items: {} });

/** Clients of Milvus send numbers of a schema as text, too. */
export const NumberOrText = (description: string): TOptional<TUnsafe<number | bigint | string>> => Type.Optional(loose(['integer', 'bigint', 'string'], description));

/** A key, or several: an Int64 as number or text. */
export const Keys = (description: string): TUnsafe<JsonInput> => loose(['integer', 'bigint', 'string', 'array'], description, { items: { type: ['integer', 'bigint', 'string'] } });

export const DB = { dbName: Text('The database; default "default".') };
export const COLLECTION = { ...DB, collectionName: Name('The collection, or an alias of it.') };
export const CONSISTENCY = { consistencyLevel: Text('Strong, Bounded, Session, Eventually or Customized: every read is strongly consistent.') };

export const Request = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties);

export const Anything: TSchema = Type.Unknown();
export const Properties = SomeObject('Values by name: a number, a text, true or false.');
export const PropertyKeys = Type.Array(Type.String(), { description: 'Names of the properties.' });

/** An Int64 in an answer: text unless the client asked for numbers. */
export const Int64 = loose<bigint>(['integer', 'string'], 'Text, unless the header Accept-Type-Allow-Int64 is true.');
export const KeyValues = Type.Array(Type.Object({ key: Type.String(), value: Type.String() }));
