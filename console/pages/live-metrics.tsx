// LiveMetrics: requests, latency, memory and the delay of the event loop over the last minutes, from /metrics, read every
// two seconds while the page is looked at.

import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { askMetrics } from '../data/api.js';
import { bytes, plural, time } from '../data/format.js';
import { figuresOf, parseMetrics, type Figures, type Reading } from '../data/metrics.js';
import { useAnswer } from '../data/use-answer.js';
import { Tile } from '../parts/spark.js';

const EVERY_MS = 2000;
/** Four minutes. */
const KEPT_MAX = 120;

export function LiveMetrics(): JSX.Element {
  const history = useRef<{ readonly atMs: number; readonly reading: Reading; readonly figures: readonly Figures[] } | undefined>(undefined);
  const rated = useRef(false);
  const { value, failure } = useAnswer('metrics', async (signal) => {
    const reading = parseMetrics(await askMetrics(signal));
    const atMs = performance.now();
    const before = history.current;
    const figures = figuresOf(reading, before?.reading, before === undefined ? 1 : (atMs - before.atMs) / 1000);
    // The first reading has no rates: the second takes its place.
    const kept = history.current === undefined ? [] : rated.current ? history.current.figures : [];
    rated.current = before !== undefined;
    history.current = { atMs, reading, figures: [...kept, figures].slice(-KEPT_MAX) };
    return history.current.figures;
  }, EVERY_MS);
  return (
    <section aria-labelledby="live-title">
      <h2 id="live-title">Now</h2>
      {value !== undefined && <Tiles figures={value} />}
      {failure !== undefined && <p class="soft">No figures: {failure.message}</p>}
    </section>
  );
}

function Tiles({ figures }: { readonly figures: readonly Figures[] }): JSX.Element {
  const now = figures.at(-1) as Figures;
  const latency = now.p50Ms === undefined ? '–' : time(now.p50Ms);
  return (
    <dl class="tiles">
      <Tile name="Requests a second" value={now.requestsPerSecond.toFixed(1)} detail={now.failuresPerSecond === 0 ? 'none refused, none failed' : `${now.failuresPerSecond.toFixed(1)} refused or failed`} values={figures.map((one) => one.requestsPerSecond)} />
      <Tile name="Latency, half of them" value={latency} detail={now.p99Ms === undefined ? 'no request since' : `99 of 100 within ${time(now.p99Ms)}`} values={figures.map((one) => one.p50Ms ?? 0)} />
      <Tile name="Memory of the process" value={bytes(now.residentBytes)} detail={`${bytes(now.heapBytes)} of it JavaScript`} values={figures.map((one) => one.residentBytes)} />
      <Tile name="Event loop delay" value={time(now.loopP99Ms)} detail={`99th percentile; ${plural(now.connections, 'connection')}`} values={figures.map((one) => one.loopP99Ms)} />
    </dl>
  );
}
