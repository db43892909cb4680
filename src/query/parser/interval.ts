// Interval: an ISO 8601 duration, P1Y2M3DT4H5M6S, as what it moves a moment by: whole months, then a span of time.

import { invalid, shortened } from '../invalid.js';

const DURATION = /^P(?!$)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,9})D)?(?:T(?!$)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/;
const SECOND = 1_000_000n;

export function intervalOf(text: string, position: number): { readonly months: number; readonly micros: bigint } {
  const match = DURATION.exec(text);
  if (match === null) throw invalid(position, `expected an ISO 8601 duration like P1Y2M3DT4H5M6S, found ${JSON.stringify(shortened(text))}`);
  const [years, months, days, hours, minutes, seconds] = match.slice(1).map((digits: string | undefined) => Number(digits ?? 0)) as [number, number, number, number, number, number];
  return { months: years * 12 + months, micros: SECOND * (BigInt(seconds) + 60n * (BigInt(minutes) + 60n * (BigInt(hours) + 24n * BigInt(days)))) };
}
