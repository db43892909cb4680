// Parquet, a page of each column at a time: what is held does not grow with the file or its row groups. The footer tells where
// the pages are; each page is checked before memory is taken for it. `io/parquet/` has a file for each step.

import type { DataType, Field } from '../model/field.js';
import { checkSchema, type Schema } from '../model/schema.js';
import { readFooter, type Footer, type GroupInfo } from './parquet/footer.js';
import { Leaf, type Held } from './parquet/leaf.js';
import { PageReader } from './parquet/pages.js';
import { columnReaders, requireRowStart } from './parquet/rows.js';
import { TYPE, type SchemaNode } from './parquet/schema.js';
import { ImportPlace } from './place.js';
import { PORTION_ROWS, type Reader, type SourceRow } from './reader.js';
import type { RandomBytes } from './source.js';

/** Values with list elements of one portion, or one row if it has more. */
const PORTION_ENTRIES = 2 ** 20;
/** Read ahead, shared by the columns. */
const WINDOW_BYTES = 16 * 1024 * 1024;
const WINDOW_BYTES_MIN = 16 * 1024;
const WINDOW_BYTES_MAX = 1024 * 1024;

/** A Parquet file, its footer read and checked. Errors: `Corrupt`, `Unsupported`. */
export async function parquetReader(source: RandomBytes, file: string): Promise<Reader & { readonly schema?: Schema }> {
  const footer = await readFooter(source, file);
  const schema = ownSchema(footer);
  return {
    fields: schema?.fields ?? footer.root.children.flatMap(fieldOf),
    ...(schema === undefined ? {} : { schema }),
    rows: () => rowsOf(source, footer, file),
  };
}

async function* rowsOf(source: RandomBytes, footer: Footer, file: string): AsyncGenerator<readonly SourceRow[]> {
  let first = 0;
  for (const [g, group] of footer.groups.entries()) {
    yield* groupRows(source, footer.root, group, new ImportPlace(file, `row group ${g}`), first);
    first += group.rows;
  }
}

async function* groupRows(source: RandomBytes, root: SchemaNode, group: GroupInfo, place: ImportPlace, first: number): AsyncGenerator<readonly SourceRow[]> {
  const held: Held = { bytes: 0, taken: 0 };
  const leaves = leavesOf(source, root, group, place, held);
  const columns = columnReaders(root, leaves);
  for (let row = 0; row < group.rows; ) {
    const ready = await rowsReady(leaves, group.rows, row, place);
    const portion: SourceRow[] = [];
    held.taken = 0;
    let damage: unknown;
    try {
      while (portion.length < Math.min(ready, PORTION_ROWS, group.rows - row) && held.taken < PORTION_ENTRIES) {
        const values: Record<string, unknown> = {};
        for (const { name, read } of columns) Object.defineProperty(values, name, { value: read(), enumerable: true, writable: true, configurable: true });
        requireRowStart(leaves, place);
        portion.push({ place: new ImportPlace(place.file, `row ${first + row + portion.length}`), values });
      }
    } catch (error) {
      // What came before it is read.
      damage = error;
    }
    row += portion.length;
    if (portion.length > 0) yield portion;
    if (damage !== undefined) throw damage;
  }
  for (const leaf of leaves) {
    while (!leaf.ended && leaf.rowsReady === 0) await leaf.load();
    if (leaf.rowsReady > 0) throw leaf.place.corrupt(`expected ${group.rows} rows, found more`);
  }
}

function leavesOf(source: RandomBytes, root: SchemaNode, { chunks }: GroupInfo, place: ImportPlace, held: Held): readonly Leaf[] {
  const windowBytes = Math.max(WINDOW_BYTES_MIN, Math.min(WINDOW_BYTES_MAX, Math.floor(WINDOW_BYTES / chunks.length)));
  const below = (node: SchemaNode): readonly SchemaNode[] => (node.kind === 'leaf' ? [node] : node.children.flatMap(below));
  return below(root).map((node, i) => {
    const chunk = chunks[i] as GroupInfo['chunks'][number];
    const column = new ImportPlace(place.file, `${place.where}, column "${node.path.join('.')}"`);
    return new Leaf(node, new PageReader(source, chunk, column, windowBytes), held, column);
  });
}

/** Rows that all leaves have whole, at least one. */
async function rowsReady(leaves: readonly Leaf[], rows: number, row: number, place: ImportPlace): Promise<number> {
  let ready = leaves.length === 0 ? rows - row : Number.POSITIVE_INFINITY;
  for (const leaf of leaves) {
    while (leaf.rowsReady <= 0 && !leaf.ended) await leaf.load();
    if (leaf.rowsReady <= 0) throw new ImportPlace(place.file, leaf.place.where).corrupt(`expected ${rows} rows, found ${row}`);
    ready = Math.min(ready, leaf.rowsReady);
  }
  return ready;
}

/** The schema of a file that Elanus wrote. One that is no schema is no more than a remark of another program. */
function ownSchema({ keyValues }: Footer): Schema | undefined {
  const text = keyValues.get('elanus.schema');
  if (text === undefined) return undefined;
  try {
    return checkSchema(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What a column of single values holds; of lists and bytes the values say it. */
function fieldOf(node: SchemaNode): Field[] {
  const type = node.kind === 'leaf' && !node.isRepeated ? typeOf(node) : undefined;
  return type === undefined ? [] : [{ name: node.element.name, type, ...(node.defined > 0 ? { nullable: true } : {}) }];
}

function typeOf({ element: { type, converted, bits, unit, utc }, meaning }: SchemaNode): DataType | undefined {
  if (meaning === 'json') return 'JSON';
  if (meaning === 'text' || meaning === 'uuid') return 'VarChar';
  // Nanoseconds are more than a Timestamptz holds: they stay texts.
  if (meaning === 'timestamp') return utc === false || unit === 3 || type === TYPE.int96 ? 'VarChar' : 'Timestamptz';
  if (meaning === 'date' || meaning === 'time') return 'VarChar';
  if (meaning === 'half' || type === TYPE.float) return 'Float';
  if (type === TYPE.boolean) return 'Bool';
  if (meaning === 'decimal' || type === TYPE.double) return 'Double';
  if (type !== TYPE.int32 && type !== TYPE.int64) return undefined;
  const width = bits ?? CONVERTED_BITS[converted ?? -1] ?? (type === TYPE.int32 ? 32 : 64);
  const needed = meaning === 'unsigned' ? width * 2 : width;
  return needed <= 8 ? 'Int8' : needed <= 16 ? 'Int16' : needed <= 32 ? 'Int32' : 'Int64';
}

/** UINT_8 to UINT_64, then INT_8 to INT_64. */
const CONVERTED_BITS: Readonly<Record<number, number | undefined>> = { 11: 8, 12: 16, 13: 32, 14: 64, 15: 8, 16: 16, 17: 32, 18: 64 };
