// Filter: the filter language as data, whether it was written as text or given as an object. What names mean is not
// looked at here: that takes a Schema. Whole numbers are bigint, so that comparisons of 64 bits are exact.

/** Where something stands, for errors: a zero-based offset in a text, or the path to it in an object. */
export type Place = number | string;

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '**' | '&' | '|' | '^' | '<<' | '>>';

export type Literal = boolean | bigint | number | string;

export type PathStep = string | number;

interface Placed {
  readonly position: Place;
}

/** What has a value in a row. */
export type Operand = Placed &
  (
    | { readonly kind: 'literal'; readonly value: Literal }
    | { readonly kind: 'list'; readonly items: readonly Operand[] }
    /** `{name}`: a value, or a list of values, that is handed over beside the filter. */
    | { readonly kind: 'template'; readonly name: string }
    /** A field, a dynamic key, or what lies in one. */
    | { readonly kind: 'field'; readonly name: string; readonly path: readonly PathStep[] }
    | { readonly kind: 'length'; readonly array: Operand }
    /** `ISO 'text'`: a moment. */
    | { readonly kind: 'moment'; readonly text: string }
    /** A moment `months` calendar months and `micros` microseconds later, of a Timestamptz. */
    | { readonly kind: 'shift'; readonly operand: Operand; readonly months: number; readonly micros: bigint }
    | { readonly kind: 'unary'; readonly op: '+' | '-' | '~'; readonly operand: Operand }
    | { readonly kind: 'arithmetic'; readonly op: Arithmetic; readonly left: Operand; readonly right: Operand }
  );

/** What holds in a row, does not, or is unknown there. */
export type Filter = Placed &
  (
    | { readonly kind: 'constant'; readonly value: boolean }
    | { readonly kind: 'compare'; readonly op: Comparison; readonly left: Operand; readonly right: Operand }
    | { readonly kind: 'in'; readonly operand: Operand; readonly values: Operand; readonly negated: boolean }
    | { readonly kind: 'like'; readonly operand: Operand; readonly pattern: Operand }
    | { readonly kind: 'regex'; readonly operand: Operand; readonly pattern: Operand; readonly negated: boolean }
    | { readonly kind: 'null'; readonly operand: Operand; readonly negated: boolean }
    | { readonly kind: 'exists'; readonly operand: Operand }
    /** 'one': `values` is an element; 'all' and 'any': a list of them. */
    | { readonly kind: 'contains'; readonly mode: 'one' | 'all' | 'any'; readonly array: Operand; readonly values: Operand }
    | { readonly kind: 'textMatch'; readonly field: Operand; readonly query: Operand; readonly minimum: Operand | undefined }
    | { readonly kind: 'phraseMatch'; readonly field: Operand; readonly query: Operand; readonly slop: Operand | undefined }
    | { readonly kind: 'sample'; readonly share: Operand; readonly seed: Operand | undefined }
    /** A Bool by itself. */
    | { readonly kind: 'truth'; readonly operand: Operand }
    | { readonly kind: 'not'; readonly operand: Filter }
    | { readonly kind: 'and' | 'or'; readonly operands: readonly Filter[] }
  );
