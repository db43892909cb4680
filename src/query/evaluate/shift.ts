// Shift: a moment some calendar months and a span of time later, in UTC. A day that its month has not is the last that
// it has; a moment further away than dates can be is moved by the span alone to the end of what a moment can be.

import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../model/timestamp.js';

const MICROS_PER_DAY = 86_400_000_000n;
const MONTHS_MAX = 10_000 * 12;

export function shiftedMoment(micros: bigint, months: number, span: bigint): bigint {
  const moved = months === 0 ? micros : monthsLater(micros, months);
  return BigInt.asIntN(64, moved + span);
}

function monthsLater(micros: bigint, months: number): bigint {
  if (Math.abs(months) > MONTHS_MAX) return months < 0 ? TIMESTAMP_MIN - 1n : TIMESTAMP_MAX + 1n;
  const inDay = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const date = new Date(Number((micros - inDay) / 1000n));
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const [year, ofYear] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const last = new Date(0);
  last.setUTCFullYear(year, ofYear + 1, 0);
  const moved = new Date(0);
  moved.setUTCFullYear(year, ofYear, Math.min(date.getUTCDate(), last.getUTCDate()));
  return BigInt(moved.getTime()) * 1000n + inDay;
}
