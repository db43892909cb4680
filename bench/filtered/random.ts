// Pseudo-random order without a state: the same rows are drawn on every machine and in every run.

/** 32 well-mixed bits of a row and a salt (the finaliser of MurmurHash3). */
export function mixed(row: number, salt: number): number {
  let bits = (row ^ Math.imul(salt + 1, 0x9e37_79b9)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The rows in an order that depends on the salt alone. */
export function shuffled(rows: Iterable<number>, salt: number): readonly number[] {
  return [...rows].map((row) => [mixed(row, salt), row] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, row]) => row);
}
