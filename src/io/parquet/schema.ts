// Schema: the tree of a Parquet file's columns, with the levels of Dremel (Melnik et al., 2010) at each node, and what its
// leaves mean. Lists and maps are told by their annotations, with the older two-level form of both.

import { LIMITS } from '../../model/limits.js';
import type { ImportPlace } from '../place.js';

/** As the footer has it; numbers are those of parquet.thrift. */
export interface SchemaElement {
  readonly name: string;
  readonly type?: number;
  readonly typeLength?: number;
  readonly repetition?: number;
  readonly children?: number;
  readonly converted?: number;
  readonly logical?: number;
  readonly scale?: number;
  readonly bits?: number;
  readonly signed?: boolean;
  /** Of a timestamp: false if it is of no known time zone. */
  readonly utc?: boolean;
  /** Of a time or timestamp: 1 milli-, 2 micro-, 3 nanoseconds. */
  readonly unit?: number;
}

export const TYPE = { boolean: 0, int32: 1, int64: 2, int96: 3, float: 4, double: 5, bytes: 6, fixed: 7 } as const;

/** What a value stands for. */
export type Meaning = 'plain' | 'text' | 'json' | 'decimal' | 'date' | 'time' | 'timestamp' | 'unsigned' | 'uuid' | 'half';

export interface SchemaNode {
  readonly element: SchemaElement;
  readonly path: readonly string[];
  readonly kind: 'leaf' | 'group' | 'list' | 'map';
  readonly children: readonly SchemaNode[];
  /** Definition level of a value that is there. */
  readonly defined: number;
  /** Repetition level within it. */
  readonly repeated: number;
  /** It is one of several in a row. */
  readonly isRepeated: boolean;
  /** Leaves below it are `leaves` from this one on. */
  readonly firstLeaf: number;
  readonly meaning: Meaning;
}

const DEPTH_MAX = 24;
/** Fields, dynamic keys and what is nested in them. */
const ELEMENTS_MAX = 16_384;

const CONVERTED = { utf8: 0, map: 1, mapKeyValue: 2, list: 3, enum: 4, decimal: 5, date: 6, timeMillis: 7, timestampMillis: 9, timestampMicros: 10, uint8: 11, uint64: 14, json: 19 } as const;
const LOGICAL = { string: 1, map: 2, list: 3, enum: 4, decimal: 5, date: 6, time: 7, timestamp: 8, integer: 10, json: 12, uuid: 14, half: 15 } as const;

/** Errors: `Corrupt` for a tree that is none. */
export function schemaOf(elements: readonly SchemaElement[], place: ImportPlace): { readonly root: SchemaNode; readonly leaves: readonly SchemaNode[] } {
  if (elements.length > ELEMENTS_MAX) throw place.corrupt(`at most ${ELEMENTS_MAX} elements, found ${elements.length}`);
  const leaves: SchemaNode[] = [];
  let next = 0;
  const build = (parents: readonly string[], defined: number, repeated: number, depth: number): SchemaNode => {
    const element = elements[next++];
    if (element === undefined) throw place.corrupt('a group has fewer members than it claims');
    if (depth > DEPTH_MAX) throw place.corrupt(`at most ${DEPTH_MAX} levels`);
    const { repetition = 0, children = 0 } = element;
    if (repetition < 0 || repetition > 2 || children < 0 || children > elements.length) throw place.corrupt(`column "${element.name}": repetition ${repetition}, ${children} members`);
    const isRoot = depth === 0;
    const path = isRoot ? [] : [...parents, element.name];
    const firstLeaf = leaves.length;
    const own = { defined: defined + (isRoot || repetition === 0 ? 0 : 1), repeated: repeated + (!isRoot && repetition === 2 ? 1 : 0) };
    if (element.type === undefined && children === 0 && !isRoot) throw place.corrupt(`column "${path.join('.')}": neither a type nor members`);
    const members = element.type === undefined ? Array.from({ length: children }, () => build(path, own.defined, own.repeated, depth + 1)) : [];
    requireDistinct(members, path, place);
    const node: SchemaNode = { element, path, children: members, ...own, isRepeated: !isRoot && repetition === 2, firstLeaf, kind: kindOf(element, members), meaning: meaningOf(element) };
    if (node.kind === 'leaf') checkLeaf(node, place);
    if (node.kind === 'leaf') leaves.push(node);
    return node;
  };
  const root = build([], 0, 0, 0);
  if (next < elements.length || root.element.type !== undefined) throw place.corrupt(`${elements.length} elements, of which ${next} are in the tree`);
  return { root, leaves };
}

function requireDistinct(members: readonly SchemaNode[], path: readonly string[], place: ImportPlace): void {
  const names = new Set<string>();
  for (const { element } of members) {
    if (names.has(element.name)) throw place.corrupt(`two columns are named ${JSON.stringify([...path, element.name].join('.'))}`);
    names.add(element.name);
  }
}

function checkLeaf({ element: { type = -1, typeLength = 0 }, path }: SchemaNode, place: ImportPlace): void {
  if (type < TYPE.boolean || type > TYPE.fixed) throw place.corrupt(`column "${path.join('.')}": type ${type}`);
  const longest = Math.max(LIMITS.dimensionMax * 8, LIMITS.varCharBytesMax);
  if (type === TYPE.fixed && (typeLength < 1 || typeLength > longest)) throw place.corrupt(`column "${path.join('.')}": values of ${typeLength} bytes, expected 1 to ${longest}`);
}

function kindOf({ type, converted, logical }: SchemaElement, members: readonly SchemaNode[]): SchemaNode['kind'] {
  if (type !== undefined) return 'leaf';
  const [only] = members;
  const one = members.length === 1 && only?.isRepeated === true;
  if (one && (logical === LOGICAL.list || converted === CONVERTED.list)) return 'list';
  const isMap = logical === LOGICAL.map || converted === CONVERTED.map || converted === CONVERTED.mapKeyValue;
  return one && isMap && only?.children.length === 2 ? 'map' : 'group';
}

/** The node that a list's values are of: the repeated one itself in the two-level form. */
export function elementOf({ element: { name }, children: [repeated] }: SchemaNode): SchemaNode {
  const { children, element } = repeated as SchemaNode;
  const twoLevels = children.length !== 1 || element.name === 'array' || element.name === `${name}_tuple`;
  return twoLevels ? (repeated as SchemaNode) : (children[0] as SchemaNode);
}

function meaningOf({ type, typeLength, converted, logical, signed }: SchemaElement): Meaning {
  if (type === TYPE.int96) return 'timestamp';
  if (logical === LOGICAL.decimal || converted === CONVERTED.decimal) return 'decimal';
  if (logical === LOGICAL.date || converted === CONVERTED.date) return 'date';
  if (logical === LOGICAL.time || converted === CONVERTED.timeMillis || converted === CONVERTED.timeMillis + 1) return 'time';
  if (logical === LOGICAL.timestamp || converted === CONVERTED.timestampMillis || converted === CONVERTED.timestampMicros) return 'timestamp';
  if (logical === LOGICAL.integer) return signed === false ? 'unsigned' : 'plain';
  if (converted !== undefined && converted >= CONVERTED.uint8 && converted <= CONVERTED.uint64) return 'unsigned';
  if (logical === LOGICAL.json || converted === CONVERTED.json) return 'json';
  if (logical === LOGICAL.string || logical === LOGICAL.enum || converted === CONVERTED.utf8 || converted === CONVERTED.enum) return 'text';
  if (type !== TYPE.fixed) return 'plain';
  return logical === LOGICAL.uuid && typeLength === 16 ? 'uuid' : logical === LOGICAL.half && typeLength === 2 ? 'half' : 'plain';
}
