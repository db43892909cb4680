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
  /** Occurs in every text that matches; the longest that is plain to see, which may be empty. */
  readonly required: string;
  /** Whether every text matches in which `required` occurs. */
  readonly isLiteral: boolean;
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
  return { source, ...requiredOf(node), instructions: builder.instructions, sets: builder.sets };
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

/** The longest run of single characters in the outermost sequence. */
function requiredOf(node: RegexNode): Pick<RegexProgram, 'required' | 'isLiteral'> {
  const parts = node.kind === 'sequence' ? node.parts : [node];
  const runs = [''];
  let isLiteral = true;
  for (const part of parts) {
    const point = part.kind === 'set' ? onlyChar(part.set) : undefined;
    if (point === undefined) runs.push('');
    else runs[runs.length - 1] += String.fromCodePoint(point);
    isLiteral &&= point !== undefined;
  }
  return { required: runs.reduce((a, b) => (b.length > a.length ? b : a)), isLiteral };
}

function onlyChar({ groups, negated }: CharSet): number | undefined {
  const [group, ...others] = groups;
  if (group === undefined || others.length > 0 || negated || group.ignoreCase || !('ranges' in group) || group.ranges.length !== 1) return undefined;
  const [low, high] = group.ranges[0] as readonly [number, number];
  return low === high ? low : undefined;
}
