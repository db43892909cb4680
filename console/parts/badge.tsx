// Badge: a state in a word, told by its text; the colour only helps.

import type { JSX } from 'preact';

export type Tone = 'good' | 'busy' | 'bad' | 'plain';

export function Badge({ tone = 'plain', text }: { readonly tone?: Tone; readonly text: string }): JSX.Element {
  return <span class={`badge ${tone}`}>{text}</span>;
}

/** How much of something is done, with the number beside it. */
export function Share({ part, of, label }: { readonly part: number; readonly of: number; readonly label: string }): JSX.Element {
  return (
    <span class="share">
      <progress value={part} max={Math.max(of, 1)} aria-label={label} />
      <span class="digits">
        {part.toLocaleString('en')} of {of.toLocaleString('en')}
      </span>
    </span>
  );
}
