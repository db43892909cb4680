// Highlight: fragments of a text around the places that matter, each between tags. Positions are UTF-16 units of the text;
// no character is cut in two.

export interface Span {
  /** Inclusive. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface HighlightStyle {
  /** One for each place in turn, beginning anew after the last. */
  readonly preTags: readonly string[];
  readonly postTags: readonly string[];
  /** Units before the first place of a fragment. */
  readonly fragmentOffset: number;
  /** Units of a fragment, tags apart; more only where one place is longer. */
  readonly fragmentSize: number;
  readonly numOfFragments: number;
}

/** The fragments of `text` in which `spans` lie, in order of the text; those that overlap are one. */
export function fragmentsOf(text: string, spans: readonly Span[], style: HighlightStyle): readonly string[] {
  const places = joined(spans);
  const fragments: string[] = [];
  let shown = 0;
  let tag = 0;
  for (let at = 0; at < places.length && fragments.length < style.numOfFragments; ) {
    const first = places[at] as Span;
    const start = wholeBefore(text, Math.max(shown, first.start - style.fragmentOffset));
    const end = wholeBefore(text, Math.min(text.length, Math.max(first.end, start + style.fragmentSize)));
    let fragment = '';
    let from = start;
    for (let place = places[at]; place !== undefined && place.end <= end; place = places[++at]) {
      fragment += text.slice(from, place.start) + tagOf(style.preTags, tag) + text.slice(place.start, place.end) + tagOf(style.postTags, tag);
      from = place.end;
      tag++;
    }
    // A place that does not fit is not begun.
    shown = Math.min(end, places[at]?.start ?? end);
    fragments.push(fragment + text.slice(from, shown));
  }
  return fragments;
}

function tagOf(tags: readonly string[], at: number): string {
  return tags[at % tags.length] as string;
}

function joined(spans: readonly Span[]): readonly Span[] {
  const places: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = places.at(-1);
    if (last !== undefined && span.start < last.end) places[places.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    else places.push(span);
  }
  return places;
}

// The place itself, or the beginning of the pair that it would cut.
function wholeBefore(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  const cuts = at > 0 && unit >= 0xdc00 && unit <= 0xdfff && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return cuts ? at - 1 : at;
}
