// Schema function: a field that is made of another when a row is written. BM25 makes a sparse vector of a text: how often
// each of its terms is in it; searches for texts score by it, with statistics of the whole collection.

import { require } from './errors.js';
import type { Field } from './field.js';
import { checkName } from './name.js';

export interface SchemaFunction {
  readonly name: string;
  readonly type: 'BM25';
  readonly description?: string;
  /** One VarChar with `enableAnalyzer`. */
  readonly inputFieldNames: readonly [string];
  /** One SparseFloatVector, which rows must not give and answers do not have. */
  readonly outputFieldNames: readonly [string];
}

/** Checks the functions of a schema with these fields, which are checked. Errors: `InvalidArgument`. */
export function checkFunctions(given: unknown, fields: readonly Field[]): readonly SchemaFunction[] {
  require(Array.isArray(given), () => 'schema.functions: expected an array');
  const functions = given.map((one: unknown) => checkFunction(one, fields));
  for (const [what, names] of [['function', functions.map(({ name }) => name)], ['output field', functions.flatMap(({ outputFieldNames }) => outputFieldNames)]] as const) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    require(twice === undefined, () => `schema.functions: duplicate ${what} "${String(twice)}"`);
  }
  return functions;
}

function checkFunction(given: unknown, fields: readonly Field[]): SchemaFunction {
  require(typeof given === 'object' && given !== null, () => 'schema.functions: expected objects');
  const { name, type, description, inputFieldNames, outputFieldNames } = given as Partial<SchemaFunction>;
  checkName('schema.functions.name', name);
  const where = `function "${name}"`;
  require(type === 'BM25', () => `${where}: expected the type BM25, found ${JSON.stringify(type)}`);
  require(description === undefined || typeof description === 'string', () => `${where}.description: expected a string`);
  const input = onlyField(`${where}.inputFieldNames`, inputFieldNames, fields);
  require(input.type === 'VarChar', () => `${where}: BM25 function input field must be a VarChar, got "${input.name}" of type ${input.type}`);
  require(input.enableAnalyzer === true, () => `${where}: BM25 function input field must set enableAnalyzer to true, which "${input.name}" does not`);
  const output = onlyField(`${where}.outputFieldNames`, outputFieldNames, fields);
  require(output.type === 'SparseFloatVector', () => `${where}: BM25 function output field must be a SparseFloatVector, got "${output.name}" of type ${output.type}`);
  require(output.nullable !== true, () => `${where}: function output field cannot be nullable, which "${output.name}" is`);
  return { name, type, ...(description === undefined ? {} : { description }), inputFieldNames: [input.name], outputFieldNames: [output.name] };
}

function onlyField(where: string, names: unknown, fields: readonly Field[]): Field {
  require(Array.isArray(names) && names.length === 1, () => `${where}: expected one field name`);
  const field = fields.find(({ name }) => name === names[0]);
  require(field !== undefined, () => `${where}: unknown field ${JSON.stringify(names[0])}`);
  return field;
}
