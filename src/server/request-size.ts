// RequestSize: how large a request may be, by what it may carry: what has rows, keys or a filter may be as large as the server takes
// any; all else is read in one go, and what strangers may ask is short.

/** Of what carries no rows. */
export const SMALL_BYTES_MAX = 1024 * 1024;
/** Of what is for everybody. */
export const PUBLIC_BYTES_MAX = 16 * 1024;

export interface SizedEntry {
  readonly rule: { readonly privilege: string };
  /** It carries rows, keys or a filter. */
  readonly isLarge?: true;
}

/** `bytesMax`: of any request. */
export function sizeMaxOf({ rule, isLarge }: SizedEntry, bytesMax: number): number {
  if (isLarge === true) return bytesMax;
  return Math.min(bytesMax, rule.privilege === 'Public' ? PUBLIC_BYTES_MAX : SMALL_BYTES_MAX);
}
