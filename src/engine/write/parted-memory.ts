// PartedMemory: memory of the vectors of one batch that is made a part of its rows after the other. Those of a part lie behind those
// of the part before, so that all together need not be copied once more.

import { freshArray, type MakeArray } from './batch-room.js';

type Values = ArrayBufferView & { readonly length: number };
type Constructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Values;

export class PartedMemory {
  readonly #rows: number;
  readonly #make: MakeArray;
  /** By the order in which a part asks for its arrays. */
  readonly #wholes: Values[] = [];

  /** `rows`: of all parts. What they are part of lies in what `make` gives. */
  constructor(rows: number, make: MakeArray) {
    this.#rows = rows;
    this.#make = make;
  }

  /** Makes arrays of the part of these rows, in the same order in each part. What is for other than all its rows is memory of its own. */
  part(first: number, rows: number): MakeArray {
    let asked = 0;
    return (type, length) => {
      const at = asked++;
      const width = length / rows;
      if (!Number.isInteger(width)) return freshArray(type, length);
      const whole = (this.#wholes[at] ??= this.#make(type, this.#rows * width) as unknown as Values);
      if (!(whole instanceof type) || whole.length !== this.#rows * width) return freshArray(type, length);
      return new type(whole.buffer as ArrayBuffer, whole.byteOffset + first * width * type.BYTES_PER_ELEMENT, length);
    };
  }

  /** All values of the parts, if they lie one behind the other; else undefined. */
  joined(parts: readonly Values[]): Values | undefined {
    const whole = this.#wholes.find(({ buffer }) => buffer === parts[0]?.buffer);
    if (whole === undefined) return undefined;
    let end = whole.byteOffset;
    for (const { buffer, byteOffset, byteLength } of parts) {
      if (buffer !== whole.buffer || byteOffset !== end) return undefined;
      end += byteLength;
    }
    return new (whole.constructor as Constructor)(whole.buffer, whole.byteOffset, parts.reduce((sum, { length }) => sum + length, 0));
  }
}
