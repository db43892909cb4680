// Spark: how a number went over the last minutes, as a line. For the eye alone: the number itself stands beside it.

import type { JSX } from 'preact';

const WIDTH = 120;
const HEIGHT = 32;

export function Spark({ values }: { readonly values: readonly number[] }): JSX.Element {
  const top = Math.max(...values, Number.MIN_VALUE);
  const step = WIDTH / Math.max(values.length - 1, 1);
  const points = values.map((value, at) => `${(at * step).toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1)}`);
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {values.length > 1 && <polygon class="area" points={`0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />}
      {values.length > 1 && <polyline class="line" points={points.join(' ')} />}
    </svg>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly detail: string;
  readonly values: readonly number[];
}

export function Tile({ name, value, detail, values }: TileProps): JSX.Element {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <span class="value">{value}</span>
        <span class="soft">{detail}</span>
        <Spark values={values} />
      </dd>
    </div>
  );
}
