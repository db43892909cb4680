// Rows: the leaves of a row group put together, a row at a time, as Dremel's levels say: lists to arrays, maps and groups
// to objects. A list of numbers stays a typed array where it lies as one.

import type { ImportPlace } from '../place.js';
import { ROW_ENTRIES_MAX, type Leaf } from './leaf.js';
import { elementOf, type SchemaNode } from './schema.js';

/** Reads one column's value of the next row. */
export type ReadColumn = () => unknown;

/** For each column at the root. Errors of what they return: `Corrupt`. */
export function columnReaders(root: SchemaNode, leaves: readonly Leaf[]): readonly { readonly name: string; readonly read: ReadColumn }[] {
  const assembler = new Assembler(leaves);
  return root.children.map((node) => ({ name: node.element.name, read: isNumberList(node) ? () => assembler.numbers(node) : () => assembler.value(node) }));
}

/** A list of values of one leaf. */
function isNumberList(node: SchemaNode): boolean {
  return node.kind === 'list' && !node.isRepeated && elementOf(node).kind === 'leaf' && elementOf(node).repeated === 1;
}

class Assembler {
  readonly #leaves: readonly Leaf[];

  constructor(leaves: readonly Leaf[]) {
    this.#leaves = leaves;
  }

  numbers(node: SchemaNode): unknown {
    const leaf = this.#first(node);
    return leaf.definition === leaf.node.defined ? (leaf.takeNumbers() ?? this.value(node)) : this.value(node);
  }

  value(node: SchemaNode): unknown {
    if (node.isRepeated) return this.#items(node, () => this.#present(node));
    if (this.#first(node).definition >= node.defined) return this.#present(node);
    this.#skip(node);
    return null;
  }

  #present(node: SchemaNode): unknown {
    if (node.kind === 'leaf') return this.#first(node).take();
    const [repeated] = node.children;
    if (node.kind === 'group') return this.#object(node.children);
    if (node.kind === 'map') return this.#map(repeated as SchemaNode);
    const element = elementOf(node);
    return this.#items(repeated as SchemaNode, element === repeated ? () => this.#present(element) : () => this.value(element));
  }

  #object(members: readonly SchemaNode[]): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const member of members) set(object, member.element.name, this.value(member));
    return object;
  }

  #map(repeated: SchemaNode): Record<string, unknown> {
    const [key, value] = repeated.children as readonly [SchemaNode, SchemaNode];
    const object: Record<string, unknown> = {};
    this.#items(repeated, () => {
      const name = this.value(key);
      set(object, String(name), this.value(value));
    });
    return object;
  }

  #items(repeated: SchemaNode, read: () => unknown): readonly unknown[] {
    const first = this.#first(repeated);
    if (first.definition < repeated.defined) {
      this.#skip(repeated);
      return [];
    }
    const items: unknown[] = [];
    do {
      if (items.length === ROW_ENTRIES_MAX) throw first.place.corrupt(`a list of more than ${ROW_ENTRIES_MAX} values`);
      items.push(read());
    } while (first.repetition === repeated.repeated);
    return items;
  }

  #first(node: SchemaNode): Leaf {
    return this.#leaves[node.firstLeaf] as Leaf;
  }

  /** The one entry of each leaf below a node that is not there. */
  #skip(node: SchemaNode): void {
    if (node.kind === 'leaf') this.#first(node).take();
    else for (const child of node.children) this.#skip(child);
  }
}

/** Also a name that objects have of themselves, such as `__proto__`. */
function set(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

/** Errors: `Corrupt` unless every leaf is at the beginning of a row. */
export function requireRowStart(leaves: readonly Leaf[], place: ImportPlace): void {
  for (const { repetition, node } of leaves) if (repetition !== 0) throw place.corrupt(`column "${node.path.join('.')}": its lists are not those of the other columns`);
}
