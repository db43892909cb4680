// The .bvecs and .ivecs files of data/: for each row a little-endian int32 d, then d values (uint8 or int32).

function rowsOf(bytes, bytesPerValue, decode) {
  const rows = [];
  for (let offset = 0; offset < bytes.length; ) {
    const dim = offset + 4 <= bytes.length ? bytes.readInt32LE(offset) : -1;
    const end = offset + 4 + dim * bytesPerValue;
    if (dim < 1 || end > bytes.length) throw new Error(`row ${rows.length} at byte ${offset} is cut short or has no length`);
    rows.push(decode(bytes.subarray(offset + 4, end)));
    offset = end;
  }
  return rows;
}

/** Rows as Uint8Arrays that share the memory of `bytes` (a Buffer). */
export const decodeBvecs = (bytes) => rowsOf(bytes, 1, (row) => row);

/** Rows as arrays of numbers. */
export const decodeIvecs = (bytes) =>
  rowsOf(bytes, 4, (row) => Array.from({ length: row.length / 4 }, (_, i) => row.readInt32LE(i * 4)));
