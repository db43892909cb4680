// WKT: whether a text is a geometry in well-known text (OGC 06-103r4, section 7): a tag, Z or M or ZM or nothing,
// then EMPTY or coordinates in parentheses. Coordinates are numbers; rings and ranges of coordinates are not looked at.

const TOKEN = /\s*([A-Za-z]+|[(),]|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y;
const NUMBER = /^[+\-.\d]/;
const DEPTH_MAX = 32;

/** How deep the points of a kind lie in parentheses. */
const POINT_DEPTH: Readonly<Record<string, number>> = { POINT: 0, LINESTRING: 1, POLYGON: 2, MULTIPOINT: 1, MULTILINESTRING: 2, MULTIPOLYGON: 3 };
const DIMENSIONS: Readonly<Record<string, number>> = { Z: 3, M: 3, ZM: 4 };

/** Undefined if `text` is a geometry, else what is wrong with it. */
export function wktDefect(text: string): string | undefined {
  const tokens = tokensOf(text);
  if (typeof tokens === 'string') return tokens;
  try {
    const reader = new Reader(tokens);
    reader.geometry(0);
    reader.expect(undefined);
    return undefined;
  } catch (error) {
    if (error instanceof Defect) return error.message;
    throw error;
  }
}

class Defect extends Error {}

function tokensOf(text: string): readonly string[] | string {
  const tokens: string[] = [];
  const { length } = text.trimEnd();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) return `unexpected ${JSON.stringify(text.slice(at, at + 10))}`;
    tokens.push(found.toUpperCase());
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  expect(token: string | undefined): void {
    const found = this.#tokens[this.#at++];
    if (found !== token) throw new Defect(`expected ${token ?? 'the end'}, found ${found ?? 'the end'}`);
  }

  geometry(depth: number): void {
    if (depth > DEPTH_MAX) throw new Defect(`collections in more than ${DEPTH_MAX} collections`);
    const kind = this.#tokens[this.#at++] ?? 'the end';
    const pointDepth = Object.hasOwn(POINT_DEPTH, kind) ? POINT_DEPTH[kind] : undefined;
    if (pointDepth === undefined && kind !== 'GEOMETRYCOLLECTION') throw new Defect(`expected a kind of geometry, found ${kind}`);
    const next = this.#tokens[this.#at] ?? '';
    const dimension = Object.hasOwn(DIMENSIONS, next) ? DIMENSIONS[next] : undefined;
    if (dimension !== undefined) this.#at++;
    if (this.#takes('EMPTY')) return;
    if (pointDepth === undefined) this.#list(() => this.geometry(depth + 1));
    else if (kind === 'MULTIPOINT') this.#list(() => this.#multiPoint(dimension));
    else this.#coordinates(pointDepth, dimension);
  }

  #coordinates(depth: number, dimension: number | undefined): void {
    if (depth > 0) {
      this.#list(() => (depth === 1 ? this.#point(dimension) : this.#takes('EMPTY') || this.#coordinates(depth - 1, dimension)));
      return;
    }
    this.expect('(');
    this.#point(dimension);
    this.expect(')');
  }

  /** A point of it may stand in parentheses of its own. */
  #multiPoint(dimension: number | undefined): void {
    if (this.#takes('EMPTY')) return;
    if (this.#tokens[this.#at] === '(') this.#coordinates(0, dimension);
    else this.#point(dimension);
  }

  #list(element: () => unknown): void {
    this.expect('(');
    do element();
    while (this.#takes(','));
    this.expect(')');
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  /** Without a tag that says how many, two to four numbers. */
  #point(dimension: number | undefined): void {
    const start = this.#at;
    while (NUMBER.test(this.#tokens[this.#at] ?? '')) this.#at++;
    const count = this.#at - start;
    if (dimension === undefined ? count < 2 || count > 4 : count !== dimension) throw new Defect(`expected ${dimension ?? 'two to four'} coordinates, found ${count}`);
  }
}
