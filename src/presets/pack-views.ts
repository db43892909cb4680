// PackViews: what a page says on its way to a worker. What is cloned there is the whole buffer behind a view, be the view
// ever so small; so the typed arrays of a call are copied together into one buffer that holds nothing else.

/** At which every typed array may begin. */
const ALIGNMENT = 8;
/** A request, its searches, one of them, its vectors, one of them, its terms. */
const DEPTH_MAX = 6;

type View = ArrayBufferView<ArrayBufferLike> & { readonly length: number };

export interface Packed<T> {
  /** Of the same values; what was given where it has no typed array. */
  readonly packed: T;
  /** Behind every typed array of `packed`; undefined if there is none. A worker of the page's own may be given it whole. */
  readonly buffer: ArrayBuffer | undefined;
}

export function packViews<T>(given: T): Packed<T> {
  let sizeBytes = 0;
  const measure = (view: View): View => {
    sizeBytes += paddedBytes(view);
    return view;
  };
  withViews(given, measure, 0);
  if (sizeBytes === 0) return { packed: given, buffer: undefined };
  const buffer = new ArrayBuffer(sizeBytes);
  let offset = 0;
  const copy = (view: View): View => {
    const copied = copyInto(buffer, offset, view);
    offset += paddedBytes(view);
    return copied;
  };
  return { packed: withViews(given, copy, 0) as T, buffer };
}

/** `value` with what `map` gives for every typed array in it; itself if that is the same. */
function withViews(value: unknown, map: (view: View) => View, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return value instanceof DataView ? value : map(value as View);
  if (typeof value !== 'object' || value === null || depth === DEPTH_MAX) return value;
  if (Array.isArray(value)) return withViewsOfList(value, map, depth);
  if (depth > 1 && isOfTerms(value)) return value;
  let copy: object = value;
  for (const [name, member] of Object.entries(value)) {
    const mapped = withViews(member, map, depth + 1);
    if (mapped === member) continue;
    if (copy === value) copy = { ...value };
    Object.defineProperty(copy, name, { value: mapped, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

/** Of a list that begins with a number, a text or the like, the rest is not looked at. */
function withViewsOfList(list: readonly unknown[], map: (view: View) => View, depth: number): readonly unknown[] {
  if (typeof list.find((item) => item !== null && item !== undefined) !== 'object') return list;
  let isSame = true;
  const copy = list.map((item) => {
    const mapped = withViews(item, map, depth + 1);
    isSame &&= mapped === item;
    return mapped;
  });
  return isSame ? list : copy;
}

/** Whether it is a sparse vector of numbers by their indices, which may have very many. */
function isOfTerms(value: object): boolean {
  for (const name in value) return /^\d/.test(name) && typeof (value as Readonly<Record<string, unknown>>)[name] === 'number';
  return false;
}

function paddedBytes({ byteLength }: View): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}

function copyInto(packed: ArrayBuffer, offset: number, view: View): View {
  const Kind = view.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => View & { set(from: View): void };
  const copy = new Kind(packed, offset, view.length);
  copy.set(view);
  return copy;
}
