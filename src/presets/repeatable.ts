// Repeatable: what tells, before a write is asked for again, that the first time may have been carried out, so that again
// it would come to something else. Of the other writes, twice comes to the same as once.

import { primaryField } from '../model/schema.js';
import { placeOf } from './place.js';
import type { Call, CallControl, Host, Verb } from './wire.js';

type Doubt = (host: Host, args: readonly unknown[], control: CallControl) => Promise<string | undefined>;

function nameOf(value: unknown): string {
  return String((value as { readonly name?: unknown } | null | undefined)?.name);
}

const DOUBTS: Partial<Readonly<Record<Verb, Doubt>>> = {
  insert: async (host, [collection], control) => {
    const { schema } = await host.collection(String(collection), control);
    return primaryField(schema).autoId === true ? 'its keys are generated: again, it might be there twice' : undefined;
  },
  // Making what is there, or dropping what is not, may be the first time of this call or its second.
  createCollection: async (host, [database, definition], control) => {
    const name = nameOf(definition);
    return (await host.hasCollection(placeOf(String(database), name), control)) ? `there is a collection "${name}" now` : undefined;
  },
  dropCollection: async (host, [name], control) => ((await host.hasCollection(String(name), control)) ? undefined : `there is no collection "${String(name)}" now`),
  renameCollection: async (host, [name], control) => ((await host.hasCollection(String(name), control)) ? undefined : `there is no collection "${String(name)}" now`),
  createDatabase: async (host, [name], control) => ((await host.listDatabases(control)).includes(String(name)) ? `there is a database "${String(name)}" now` : undefined),
  dropDatabase: async (host, [name], control) => ((await host.listDatabases(control)).includes(String(name)) ? undefined : `there is no database "${String(name)}" now`),
  addField: async (host, [collection, field], control) => {
    const { schema } = await host.collection(String(collection), control);
    return schema.fields.some(({ name }) => name === nameOf(field)) ? `there is a field "${nameOf(field)}" now` : undefined;
  },
};

/** Why `verb` cannot be asked for again; undefined if it can. */
export async function doubtOf(host: Host, verb: Verb, args: readonly unknown[], control: CallControl): Promise<string | undefined> {
  return DOUBTS[verb]?.(host, args, control);
}

/** The collections, by their places, that a write is about. */
export function placesOf({ verb, args }: Call): readonly string[] {
  const [first, second, third] = args.map(String) as [string, string, string];
  if (verb === 'createCollection') return [placeOf(first, nameOf(args[1]))];
  if (verb === 'renameCollection') return [first, placeOf(third, second)];
  if (verb !== 'createAlias' && verb !== 'alterAlias') return [first];
  const at = first.indexOf('/');
  return [first, at < 0 ? second : `${first.slice(0, at)}/${second}`];
}
