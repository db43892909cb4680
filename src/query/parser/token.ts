// Token: the pieces of a filter's text. `text` is as it was written; a sign or a reserved word is its own kind.

export type Sign =
  | '(' | ')' | '[' | ']' | '{' | '}' | ','
  | '+' | '-' | '*' | '/' | '%' | '**' | '&' | '|' | '^' | '~' | '<<' | '>>'
  | '==' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~' | '=';

/** Words that are never names, and the signs that mean the same. */
export type Reserved = 'and' | 'or' | 'not' | 'in';

export type Token = { readonly position: number; readonly text: string } & (
  | { readonly kind: 'name' }
  | { readonly kind: 'literal'; readonly value: boolean | bigint | number | string }
  | { readonly kind: Sign | Reserved | 'end' }
);
