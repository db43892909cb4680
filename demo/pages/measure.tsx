// MeasurePage: runs the measurement on this device and prints it as JSON.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { measure, type Measured } from '../data/measure.js';
import { picturesTroubleOf, wordsOf, type App } from '../data/use-app.js';

export function MeasurePage({ app }: { readonly app: App }): JSX.Element {
  const { db, pictures, loadMs } = app;
  const [done, setDone] = useState<number>();
  const [measured, setMeasured] = useState<Measured>();
  const [said, say] = useState('');
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const trouble = picturesTroubleOf(app);
  const ready = db !== undefined && pictures !== undefined && loadMs !== undefined;
  const run = async (): Promise<void> => {
    if (!ready) return;
    const own = new AbortController();
    running.current = own;
    setDone(0);
    setMeasured(undefined);
    say('Measuring…');
    try {
      const result = await measure(db, pictures, { loadMs, signal: own.signal, onProgress: setDone });
      setMeasured(result);
      say(`${result.pictures.qps} searches a second, recall ${result.pictures.recall} where ${result.pictures.recallAsked} was asked for.`);
    } catch (error) {
      say(own.signal.aborted ? 'Stopped.' : wordsOf(error));
    }
    setDone(undefined);
  };
  return (
    <>
      <h1>What this device does</h1>
      <p>Up to a hundred pictures that the collection has never seen are searched for, one after the other: once exactly, three times with a recall of 0.95. Nothing leaves the page.</p>
      <p class="actions">
        <button type="button" id="measure" class="main-action" disabled={!ready || done !== undefined} onClick={() => void run()}>
          Measure
        </button>
        {done !== undefined && (
          <button type="button" onClick={() => running.current?.abort()}>
            Stop
          </button>
        )}
        {done !== undefined && <progress value={done} max={1} aria-label="Measured so far" />}
      </p>
      {!ready && <p class="soft">{trouble === undefined ? 'The pictures are not here yet.' : `There are no pictures here: ${trouble}`}</p>}
      <p role="status">{said}</p>
      {measured !== undefined && <Result measured={measured} />}
    </>
  );
}

function Result({ measured }: { readonly measured: Measured }): JSX.Element {
  const text = JSON.stringify(measured, undefined, 2);
  const [said, say] = useState('');
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => say('Copied.'), () => say('The browser does not let this page copy.'));
  return (
    <>
      <pre id="result" tabIndex={0} role="group" aria-label="What was measured, as JSON">{text}</pre>
      <p class="actions">
        <button type="button" onClick={copy}>Copy</button>
        <span role="status">{said}</span>
      </p>
    </>
  );
}
