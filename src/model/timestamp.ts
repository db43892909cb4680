// Timestamp: a Timestamptz between RFC 3339 text and microseconds since 1970, UTC. Years 0000 to 9999, as RFC 3339
// has them; finer fractions than microseconds are refused, never rounded.

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

export const TIMESTAMP_MIN = -62_167_219_200_000_000n;
export const TIMESTAMP_MAX = 253_402_300_799_999_999n;

/** Microseconds of an RFC 3339 text; undefined if it is none, or finer or further than a Timestamptz holds. */
export function timestampOf(text: string): bigint | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const fraction = (match[7] ?? '').replace(/0+$/, '');
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59 || fraction.length > 6) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that its month has not moves on to the next.
  if (month < 1 || month > 12 || date.getUTCDate() !== day || date.getUTCMonth() !== month - 1) return undefined;
  date.setUTCHours(hour, minute, second);
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === '-' ? -60_000 : 60_000);
  const micros = BigInt(date.getTime() - offset) * 1000n + BigInt(fraction.padEnd(6, '0'));
  return micros >= TIMESTAMP_MIN && micros <= TIMESTAMP_MAX ? micros : undefined;
}

/** RFC 3339, in UTC, with as many digits of a fraction as it takes. REQUIRES: TIMESTAMP_MIN to TIMESTAMP_MAX. */
export function timestampText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return fraction === 0n ? `${seconds}Z` : `${seconds}.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}Z`;
}
