// Heading: the name of a page. Who comes there by a link finds the focus on it, so that reading goes on from the top.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

let pagesShown = 0;

export function Heading({ title, children }: { readonly title: string; readonly children?: ComponentChildren }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Elanus console`;
    // The first page begins where every page begins.
    if (pagesShown++ > 0) heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
