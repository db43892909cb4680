// Notice: what is there instead of content: an error in words, nothing yet, or that it is on its way.

import type { ComponentChildren, JSX } from 'preact';
import type { Failure } from '../data/failure.js';

/** Of a request that is refused as it is: asking the same again changes nothing. */
const SAME_AGAIN: readonly number[] = [1100, 1801, 1802];

export function Trouble({ failure, again }: { readonly failure: Failure; readonly again?: () => void }): JSX.Element {
  return (
    <div class="notice trouble" role="alert">
      <p class="title">{failure.title}</p>
      <p>{failure.message}</p>
      {failure.code !== undefined && failure.code !== 0 && <p class="soft">Code {failure.code}</p>}
      {again !== undefined && !SAME_AGAIN.includes(failure.code ?? 0) && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="notice empty">
      <p class="title">{title}</p>
      {children}
    </div>
  );
}

export function Waiting({ what }: { readonly what: string }): JSX.Element {
  return (
    <p class="waiting" role="status">
      {what}
    </p>
  );
}
