// Filter: the filter language as data. Positions are zero-based offsets in the text, for error messages.
// Int literals are bigint so that Int64 comparisons are exact.

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Literal = boolean | bigint | number | string;

export type Filter =
  | { readonly kind: 'compare'; readonly field: string; readonly op: Comparison; readonly value: Literal; readonly position: number }
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly Literal[]; readonly negated: boolean; readonly position: number }
  | { readonly kind: 'constant'; readonly value: boolean; readonly position: number }
  | { readonly kind: 'field'; readonly field: string; readonly position: number } // a Bool field by itself
  | { readonly kind: 'not'; readonly operand: Filter; readonly position: number }
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter; readonly position: number };
