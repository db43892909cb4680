// Shapes: the collections of the kill test, those of the simulator with vectors long enough for an index.

import { SHAPES, type Shape } from '../sim/shapes.js';

const DIM = 16;

/** A collection, and how many rows it has at most. */
export interface Kept {
  readonly shape: Shape;
  readonly rowsMax: number;
}

const { numbered, named } = SHAPES as { readonly numbered: Shape; readonly named: Shape };

export const KEPT: Readonly<Record<string, Kept>> = {
  numbers: { rowsMax: 4000, shape: { ...numbered, dim: DIM, definition: (name) => ({ name, dimension: DIM, metric: 'L2' }) } },
  names: {
    rowsMax: 2000,
    shape: {
      ...named,
      dim: DIM,
      definition: (name) => {
        const definition = named.definition(name);
        if (!('fields' in definition)) throw new Error('expected a definition by fields');
        return { ...definition, fields: definition.fields.map((field) => (field.type === 'FloatVector' ? { ...field, dim: DIM } : field)) };
      },
    },
  },
};
