// Values on the wire come back as what they were, kind and bits; what is no value is refused on either side.

import { expect, test } from 'vitest';
import { decodeWire, encodeWire } from '../../src/format/wire-values.js';

const text = (value: unknown): string => new TextDecoder().decode(encodeWire(value));
const back = (json: string): unknown => decodeWire(new TextEncoder().encode(json), 'FILE');

test.each<[unknown]>([
  [null], [true], [''], ['é日'], [0], [-0], [1.5], [1e300], [2 ** 53], [Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], [0n], [-(2n ** 63n)], [2n ** 64n - 1n],
  [Float32Array.of(0.1, -0, Number.NaN, 3e-45)], [Float64Array.of(0.1, -0)], [Int8Array.of(-128, 127)], [Uint8Array.of(0, 255)], [Uint16Array.of(65535)], [new Float32Array(0)],
  [{}], [[]], [{ a: [1n, { b: null }] }], [{ 3: 0.5, 4294967293: 1 }], [{ $: 'i64', v: 'mine' }], [{ $: 1 }], [{ x: { $: { $: 2n } } }], [new Map([[3, 0.25]])], [JSON.parse('{"__proto__":{"a":1}}')],
])('%o', (value) => {
  const decoded = decodeWire(encodeWire(value), 'FILE');
  expect(decoded).toStrictEqual(value);
  if (typeof value === 'number') expect(Object.is(decoded, value)).toBe(true);
  if (value instanceof Float32Array) expect(new Uint32Array((decoded as Float32Array).buffer)).toEqual(new Uint32Array(value.buffer));
});

test('is the JSON that is written down', () => {
  expect(text({ id: 7n, v: Float32Array.of(1, -2), u: undefined, n: [undefined, -0], o: { $: 1 } })).toBe('{"id":{"$":"i64","v":"7"},"v":{"$":"f32","v":"AACAPwAAAMA="},"n":[null,{"$":"number","v":"-0"}],"o":{"$":"object","v":{"$":1}}}');
  expect(text(new Uint8Array([1, 2, 3]).subarray(1))).toBe('{"$":"u8","v":"AgM="}');
});

test.each(['', '{', '{"$":"i64","v":"1.5"}', '{"$":"i64","v":1}', '{"$":"i64"}', '{"$":"f32","v":"AAAA"}', '{"$":"f32","v":"?"}', '{"$":"f32","v":3}', '{"$":"number","v":"1"}', '{"$":"date","v":"1"}', '{"$":null}', '{"$":"object","v":[]}', '{"$":"map","v":[[1]]}', `${'['.repeat(300)}${']'.repeat(300)}`])('%s is refused', (json) => {
  expect(() => back(json)).toThrow(expect.objectContaining({ code: 'Corrupt', file: 'FILE' }) as Error);
});

test.each<[unknown]>([[() => 1], [{ a: Symbol('x') }], [new BigInt64Array(1)], [new DataView(new ArrayBuffer(1))]])('%o is not sent', (value) => {
  expect(() => encodeWire(value)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }) as Error);
});
