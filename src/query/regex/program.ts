// Program: a regular expression as instructions for a machine that follows all ways through it at once (K. Thompson,
// "Regular Expression Search Algorithm", CACM 11(6), 1968). Its size is limited, whatever repetitions ask for.

import { LIMITS } from '../../model/limits.js';
import type { CharSet, Edge, RegexNode } from './node.js';
import { parseRegex } from './parse.js';
import { RegexError } from './reader.js';

export type Instruction =
  /** Takes a character that is in the set of that number, and goes on to the next instruction. */
  | { readonly kind: 'take'; readonly set: number }
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'go'; readonly to: readonly number[] }
  | { readonly kind: 'match' };

export interface RegexProgram {
  readonly source: string;
  /** The text that is to occur, if that is all it says. */
  readonly literal: string | undefined;
  readonly instructions: readonly Instruction[];
  readonly sets: readonly CharSet[];
}

/** Errors: `RegexError`. */
export function compileRegex(source: string): RegexProgram {
  const node = parseRegex(source);
  if (sizeOf(node) > LIMITS.regexSizeMax) throw new RegexError(`regular expression: expected one of at most ${LIMITS.regexSizeMax} steps with its repetitions written out, found a longer one`);
  const builder: Builder = { instructions: [], sets: [], numbers: new Map() };
  emit(node, builder);
  builder.instructions.push({ kind: 'match' });
  return { source, literal: literalOf(node), instructions: builder.instructions, sets: builder.sets };
}

/** At least the instructions that it takes, and at least one, so that empty parts are counted. */
function sizeOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
    case 'edge':
      return 1;
    case 'sequence':
      return node.parts.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'choice':
      return node.options.reduce((sum, option) => sum + sizeOf(option) + 1, 1);
    case 'repeat':
      return 2 + (sizeOf(node.part) + 1) * Math.max(node.max ?? node.min + 1, 1);
  }
}

interface Builder {
  readonly instructions: Instruction[];
  readonly sets: CharSet[];
  /** Of sets, by what they are. */
  readonly numbers: Map<string, number>;
}

function emit(node: RegexNode, builder: Builder): void {
  switch (node.kind) {
    case 'set':
      builder.instructions.push({ kind: 'take', set: numberOf(node.set, builder) });
      return;
    case 'edge':
      builder.instructions.push({ kind: 'edge', edge: node.edge });
      return;
    case 'sequence':
      for (const part of node.parts) emit(part, builder);
      return;
    case 'choice':
      return emitChoice(node.options, builder);
    case 'repeat':
      return emitRepeat(node, builder);
  }
}

function numberOf(set: CharSet, { sets, numbers }: Builder): number {
  const key = JSON.stringify(set);
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, sets.length);
  return sets.push(set) - 1;
}

function emitChoice(options: readonly RegexNode[], builder: Builder): void {
  const { instructions } = builder;
  const fork = instructions.push({ kind: 'go', to: [] }) - 1;
  const starts: number[] = [];
  const ends: number[] = [];
  for (const option of options) {
    starts.push(instructions.length);
    emit(option, builder);
    ends.push(instructions.push({ kind: 'go', to: [] }) - 1);
  }
  instructions[fork] = { kind: 'go', to: starts };
  for (const end of ends) instructions[end] = { kind: 'go', to: [instructions.length] };
}

function emitRepeat({ part, min, max }: Extract<RegexNode, { readonly kind: 'repeat' }>, builder: Builder): void {
  const { instructions } = builder;
  for (let i = 0; i < min; i++) emit(part, builder);
  if (max === undefined) {
    const loop = instructions.push({ kind: 'go', to: [] }) - 1;
    emit(part, builder);
    instructions.push({ kind: 'go', to: [loop] });
    instructions[loop] = { kind: 'go', to: [loop + 1, instructions.length] };
    return;
  }
  const exits: number[] = [];
  for (let i = min; i < max; i++) {
    exits.push(instructions.push({ kind: 'go', to: [] }) - 1);
    emit(part, builder);
  }
  for (const exit of exits) instructions[exit] = { kind: 'go', to: [exit + 1, instructions.length] };
}

function literalOf(node: RegexNode): string | undefined {
  const parts = node.kind === 'sequence' ? node.parts : [node];
  let text = '';
  for (const part of parts) {
    const range = part.kind === 'set' && !part.set.negated && !part.set.ignoreCase && part.set.properties.length === 0 && part.set.ranges.length === 1 ? part.set.ranges[0] : undefined;
    if (range === undefined || range[0] !== range[1]) return undefined;
    text += String.fromCodePoint(range[0]);
  }
  return text;
}
