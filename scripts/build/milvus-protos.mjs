// dist/milvus-protos.json: the messages of Milvus' gRPC service, as protobufjs reads them: taken from the development
// dependency @zilliz/milvus2-sdk-node and cut down to what the service and the server reach. Nothing of it is committed.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { StepError } from '../lib/run.mjs';
import { unlessDone } from '../lib/stamp.mjs';
import { at } from '../lib/tree.mjs';
import { install } from './install.mjs';

const source = 'node_modules/@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus.js';
const output = 'dist/milvus-protos.json';
const packageName = 'milvus.proto';
const serviceName = 'milvus.MilvusService';
/** What the service carries as bytes, or only as a number. */
const carried = ['schema.CollectionSchema', 'schema.FieldSchema', 'common.PlaceholderGroup', 'common.PlaceholderType'];
const messageMembers = ['fields', 'oneofs'];
const fieldMembers = ['rule', 'keyType', 'type', 'id', 'options'];
const scalars = new Set(['double', 'float', 'int32', 'uint32', 'sint32', 'fixed32', 'sfixed32', 'int64', 'uint64', 'sint64', 'fixed64', 'sfixed64', 'bool', 'string', 'bytes']);

/** The package as `{ 'milvus.Status': definition }`, nested messages by their full names. */
function flatten(namespace, prefix = '', found = new Map()) {
  for (const [name, definition] of Object.entries(namespace.nested ?? {})) {
    found.set(`${prefix}${name}`, definition);
    flatten(definition, `${prefix}${name}.`, found);
  }
  return found;
}

/** The full name of what `type` means within the message or service `within`: the innermost that there is. */
function resolve(definitions, type, within) {
  const scopes = within.split('.');
  for (let depth = scopes.length; depth >= 0; depth--) {
    const name = [...scopes.slice(0, depth), type].join('.');
    if (definitions.has(name)) return name;
  }
  throw new StepError(`${source}: no ${type}, which ${within} names`);
}

function reached(definitions) {
  const names = new Set();
  const visit = (name) => {
    if (names.has(name)) return;
    names.add(name);
    const { fields = {}, methods = {} } = definitions.get(name);
    for (const { type } of Object.values(fields)) if (!scalars.has(type)) visit(resolve(definitions, type, name));
    for (const { requestType, responseType } of Object.values(methods)) for (const type of [requestType, responseType]) visit(resolve(definitions, type, name));
  };
  for (const name of [serviceName, ...carried]) {
    if (!definitions.has(name)) throw new StepError(`${source}: no ${name}`);
    visit(name);
  }
  return names;
}

const picked = (object, members) => Object.fromEntries(members.filter((member) => object[member] !== undefined).map((member) => [member, object[member]]));

/** Of an option that a field has, only what says how it is encoded. */
function cutField(field) {
  const { options, ...rest } = picked(field, fieldMembers);
  const kept = options && picked(options, ['packed', 'proto3_optional']);
  return kept && Object.keys(kept).length > 0 ? { ...rest, options: kept } : rest;
}

function cut(definition) {
  if (definition.values) return { values: definition.values };
  if (definition.methods) return { methods: Object.fromEntries(Object.entries(definition.methods).map(([name, method]) => [name, picked(method, ['requestType', 'requestStream', 'responseType', 'responseStream'])])) };
  const { fields = {}, ...rest } = picked(definition, messageMembers);
  return { fields: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, cutField(field)])), ...rest };
}

/** The namespace again, with those alone that `names` has or that hold one of them. */
function pruned(namespace, names, prefix = '') {
  const nested = {};
  for (const [name, definition] of Object.entries(namespace.nested ?? {})) {
    const full = `${prefix}${name}`;
    const inner = pruned(definition, names, `${full}.`);
    if (names.has(full)) nested[name] = { ...cut(definition), ...inner };
    else if (inner.nested) nested[name] = inner;
  }
  return Object.keys(nested).length === 0 ? {} : { nested };
}

function milvusPackage() {
  const root = createRequire(at('package.json'))(at(source)).default;
  const found = packageName.split('.').reduce((namespace, name) => namespace?.nested?.[name], root);
  if (found === undefined) throw new StepError(`${source}: no package ${packageName}`);
  return found;
}

export function buildMilvusProtos() {
  return unlessDone('milvus-protos', { inputs: [source, 'scripts/build/milvus-protos.mjs'], outputs: [output] }, () => {
    const found = milvusPackage();
    const { nested } = pruned(found, reached(flatten(found)));
    const json = JSON.stringify({ nested: { milvus: { nested: { proto: { nested } } } } });
    mkdirSync(at('build'), { recursive: true });
    writeFileSync(at('build/milvus-protos.json'), json);
    install('build/milvus-protos.json', output);
  });
}
