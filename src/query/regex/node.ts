// Nodes of a regular expression, and the sets of characters in it.

/** Characters by ranges of code points, both ends in it, and by Unicode properties written as JavaScript has them. */
export interface CharSet {
  readonly ranges: readonly (readonly [number, number])[];
  readonly properties: readonly string[];
  readonly negated: boolean;
  readonly ignoreCase: boolean;
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
  return { kind: 'set', set: { ranges: [[point, point]], properties: [], negated: false, ignoreCase } };
}
