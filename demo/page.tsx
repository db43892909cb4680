// DemoPage: the frame of the page: where one is, how the device stands, and the part that the address names.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp, type App } from './data/use-app.js';
import { StatusBar } from './parts/status-bar.js';
import { MeasurePage } from './pages/measure.js';
import { NotesPage } from './pages/notes.js';
import { PicturesPage } from './pages/pictures.js';

const PARTS = { notes: 'Notes', pictures: 'Pictures', measure: 'Measure' } as const;
type Part = keyof typeof PARTS;

export function DemoPage(): JSX.Element {
  const app = useApp();
  const part = usePart();
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header>
        <div class="bar">
          <span class="brand">
            <Kite />
            Elanus
          </span>
          <nav class="parts" aria-label="Parts of the page">
            {(Object.keys(PARTS) as Part[]).map((one) => (
              <a key={one} href={`#${one}`} {...(one === part ? { 'aria-current': 'page' } : {})}>
                {PARTS[one]}
              </a>
            ))}
          </nav>
        </div>
        <StatusBar app={app} />
      </header>
      <main id="main" tabIndex={-1}>
        {app.trouble !== undefined && (
          <p class="trouble" role="alert">
            {app.trouble}
          </p>
        )}
        <Shown part={part} app={app} />
      </main>
      <footer>
        <p>
          All of this is searched inside this page, also without a network. Passages: XQuAD, Artetxe and others 2020, from Wikipedia, CC BY-SA 4.0, cut into notes. Pictures: Fashion-MNIST, © 2017 Zalando SE, MIT licence.
        </p>
      </footer>
    </>
  );
}

function Shown({ part, app }: { readonly part: Part; readonly app: App }): JSX.Element {
  if (part === 'pictures') return <PicturesPage app={app} />;
  return part === 'measure' ? <MeasurePage app={app} /> : <NotesPage app={app} />;
}

// The hash of the address is the part: it is not to change.
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

function usePart(): Part {
  const read = (): Part => (Object.keys(PARTS) as Part[]).find((part) => location.hash === `#${part}`) ?? 'notes';
  const [part, setPart] = useState(read);
  useEffect(() => {
    const changed = (): void => setPart(read());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  useEffect(() => {
    document.title = `${PARTS[part]} · Elanus: search where you are`;
  }, [part]);
  return part;
}

function Kite(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
      <path d="M2 13c5-4 9-4 14 2 5-6 9-6 14-2-4-1-8 1-11 6l3 7-6-4-6 4 3-7c-3-5-7-7-11-6z" fill="currentColor" />
    </svg>
  );
}
