// Matcher: whether a part of a text matches. All ways through the program are followed at once, so that the steps are at
// most the length of the text times the size of the program, whatever the pattern; sets of ways that were met are kept
// as states with their transitions, in a cache of limited size, so that a text mostly takes a step a character.

import type { CharGroup, CharSet, Edge } from './node.js';
import { WORD_CHARS } from './classes.js';
import type { RegexProgram } from './program.js';

/** States and characters that are kept; beyond, both are forgotten and found again. */
const STATES_MAX = 1024;
const CHARS_MAX = 4096;
const ASCII_END = 128;

/** What kinds of characters the sets of a program tell apart, and edges. */
interface Kind {
  readonly number: number;
  /** Of each set of the program, whether it has them. */
  readonly inSet: readonly boolean[];
  /** There is no character: the text begins or ends here. */
  readonly isNone: boolean;
  readonly isLineFeed: boolean;
  readonly isWord: boolean;
}

interface State {
  /** Instructions to go on from, ascending. */
  readonly places: readonly number[];
  readonly before: Kind;
  /** By the number of the kind that comes next; true: a part has matched. */
  readonly next: (State | true | undefined)[];
}

const WORD: CharSet = { groups: [{ ranges: WORD_CHARS, ignoreCase: false }], negated: false };

/** A test of texts. */
export function regexTest(program: RegexProgram): (text: string) => boolean {
  const { required, isLiteral } = program;
  if (isLiteral) return (text) => text.includes(required);
  const machine = new Machine(program);
  return (text) => text.includes(required) && machine.test(text);
}

class Machine {
  readonly #program: RegexProgram;
  readonly #tests: readonly CharTest[];
  readonly #isWord = charTest(WORD);
  readonly #none: Kind;
  readonly #kinds = new Map<string, Kind>();
  readonly #kindOf = new Map<number, Kind>();
  readonly #asciiKinds: (Kind | undefined)[] = new Array<undefined>(ASCII_END).fill(undefined);
  readonly #states = new Map<string, State>();

  constructor(program: RegexProgram) {
    this.#program = program;
    this.#tests = program.sets.map(charTest);
    this.#none = { number: 0, inSet: program.sets.map(() => false), isNone: true, isLineFeed: false, isWord: false };
  }

  test(text: string): boolean {
    const ascii = this.#asciiKinds;
    let state = this.#state([], this.#none);
    for (let at = 0; at < text.length; at++) {
      let point = text.charCodeAt(at);
      if ((point & 0xfc00) === 0xd800) {
        point = text.codePointAt(at) as number;
        if (point > 0xffff) at++;
      }
      const kind = ascii[point] ?? this.#kind(point);
      const next = state.next[kind.number] ?? this.#step(state, kind);
      if (next === true) return true;
      state = next;
    }
    return this.#step(state, this.#none) === true;
  }

  #step(state: State, kind: Kind): State | true {
    return (state.next[kind.number] ??= this.#advance(state, kind));
  }

  /** A match may begin at every character. */
  #advance({ places, before }: State, kind: Kind): State | true {
    const { instructions } = this.#program;
    const seen = new Uint8Array(instructions.length);
    const open = [...places, 0];
    const taken: number[] = [];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen[at] === 1) continue;
      seen[at] = 1;
      const instruction = instructions[at];
      if (instruction === undefined) continue;
      if (instruction.kind === 'match') return true;
      if (instruction.kind === 'go') open.push(...instruction.to);
      else if (instruction.kind === 'edge') {
        if (isAt(instruction.edge, before, kind)) open.push(at + 1);
      } else if (kind.inSet[instruction.set] === true) taken.push(at + 1);
    }
    return this.#state(taken.sort((a, b) => a - b), kind);
  }

  #state(places: readonly number[], before: Kind): State {
    const key = `${before.number}:${places.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size === STATES_MAX) this.#forget();
    const state: State = { places, before, next: [] };
    this.#states.set(key, state);
    return state;
  }

  // Transitions too, or every state would stay within reach of the last.
  #forget(): void {
    for (const state of this.#states.values()) state.next.length = 0;
    this.#states.clear();
  }

  #kind(point: number): Kind {
    const known = this.#kindOf.get(point);
    if (known !== undefined) return known;
    if (this.#kindOf.size === CHARS_MAX) this.#kindOf.clear();
    const char = String.fromCodePoint(point);
    const inSet = this.#tests.map((test) => test(char));
    const kind = this.#kindWith(inSet, point === 10, this.#isWord(char));
    if (point < ASCII_END) this.#asciiKinds[point] = kind;
    else this.#kindOf.set(point, kind);
    return kind;
  }

  // Sets are told apart by what they have of the characters met: at most as many kinds as characters.
  #kindWith(inSet: readonly boolean[], isLineFeed: boolean, isWord: boolean): Kind {
    const key = `${inSet.map(Number).join('')}${Number(isLineFeed)}${Number(isWord)}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const kind: Kind = { number: this.#kinds.size + 1, inSet, isNone: false, isLineFeed, isWord };
    this.#kinds.set(key, kind);
    return kind;
  }
}

function isAt(edge: Edge, before: Kind, after: Kind): boolean {
  switch (edge) {
    case 'textStart':
      return before.isNone;
    case 'textEnd':
      return after.isNone;
    case 'lineStart':
      return before.isNone || before.isLineFeed;
    case 'lineEnd':
      return after.isNone || after.isLineFeed;
    case 'wordEdge':
      return before.isWord !== after.isWord;
    case 'noWordEdge':
      return before.isWord === after.isWord;
  }
}

type CharTest = (char: string) => boolean;

/** By expressions of one character, in which nothing can be gone through twice. */
function charTest({ groups, negated }: CharSet): CharTest {
  const tests = groups.map(groupTest);
  return (char) => tests.some((test) => test(char)) !== negated;
}

function groupTest(group: CharGroup): CharTest {
  const flags = group.ignoreCase ? 'iu' : 'u';
  if ('property' in group) {
    const pattern = new RegExp(`^${group.property}$`, flags);
    return (char) => pattern.test(char) !== group.negated;
  }
  const point = (code: number): string => `\\u{${code.toString(16)}}`;
  const pattern = new RegExp(`^[${group.ranges.map(([low, high]) => `${point(low)}-${point(high)}`).join('')}]$`, flags);
  return (char) => pattern.test(char);
}
