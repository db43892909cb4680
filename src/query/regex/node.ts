// Nodes of a regular expression, and the sets of characters in it.

/** Some characters: those of ranges of code points, both ends in it, or of a Unicode property as JavaScript writes it. */
export type CharGroup = { readonly ignoreCase: boolean } & ({ readonly ranges: readonly (readonly [number, number])[] } | { readonly property: string; readonly negated: boolean });

/** Those of any of the groups; `negated`: all but those. */
export interface CharSet {
  readonly groups: readonly CharGroup[];
  readonly negated: boolean;
}

/** A place between two characters. */
export type Edge = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'wordEdge' | 'noWordEdge';

export type RegexNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexNode[] }
  /** `max` undefined: without end. */
  | { readonly kind: 'repeat'; readonly part: RegexNode; readonly min: number; readonly max: number | undefined };

export const CODE_POINT_MAX = 0x10ffff;

export function oneChar(point: number, ignoreCase: boolean): RegexNode {
  return oneGroup({ ranges: [[point, point]], ignoreCase });
}

export function oneGroup(group: CharGroup): RegexNode {
  return { kind: 'set', set: { groups: [group], negated: false } };
}
