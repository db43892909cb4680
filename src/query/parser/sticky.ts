// Sticky matching: what a pattern finds at one place of a text, and nowhere else.

/** What the sticky `pattern` matches at `at`, or the empty string. */
export function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
