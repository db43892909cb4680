// The filter kernels: predicates over scalar columns, and algebra over bitsets. Pointers into a memory that the
// host imports into us; no state, no allocation, no data segment, nothing else exported.
// A column is little-endian and readable up to the next multiple of 64 rows. A bitset is written in whole words
// of 8 bytes, bit i of row i, zero beyond `rows`.

export { compareF32, compareF64, compareI16, compareI32, compareI64, compareI8, compareU16, compareU8 } from './compare';
export { rangeF32, rangeF64, rangeI16, rangeI32, rangeI64, rangeI8, rangeU16, rangeU8 } from './compare';
export { inSetF32, inSetF64, inSetI16, inSetI32, inSetI64, inSetI8, inSetU16, inSetU8 } from './in-set';
export { inTableI32, inTableU16, inTableU8 } from './in-table';
export { and, not, or, popcount } from './bitset';
