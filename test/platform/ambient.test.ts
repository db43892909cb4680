// Ambient over web standards.

import { expect, test, vi } from 'vitest';
import { consoleLog, webAmbient } from '../../src/platform/ambient.js';
import { nodeAmbient } from '../../src/platform/node-ambient.js';
import { text } from '../storage/samples.js';

// FIPS 180-4, example B.1.
const sha256OfAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test.each([['web', webAmbient], ['Node', nodeAmbient]] as const)('the hash of %s is SHA-256, of a view what it shows, also of shared memory', async (_, ambientOf) => {
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.set(text('abc'));
  for (const bytes of [text('abc'), text('xabcx').subarray(1, 4), shared]) {
    const hash = await ambientOf().sha256(bytes);
    expect(Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(sha256OfAbc);
  }
});

test('what is hashed in steps has the hash of the whole', async () => {
  const bytes = Uint8Array.from({ length: 2_500_001 }, (_, i) => i * 31);
  expect(await nodeAmbient().sha256(bytes)).toEqual(await webAmbient().sha256(bytes));
  expect(await nodeAmbient().sha256(new Uint8Array(0))).toEqual(await webAmbient().sha256(new Uint8Array(0)));
});

test('random bytes are as many as asked for, filled to the end, and differ', () => {
  const ambient = webAmbient();
  expect(ambient.randomBytes(0)).toHaveLength(0);
  const bytes = ambient.randomBytes(200_000);
  expect(bytes).toHaveLength(200_000);
  for (const at of [0, 65_536, 131_072, 199_968]) expect(bytes.subarray(at, at + 32).some((byte) => byte !== 0)).toBe(true);
  expect(ambient.randomBytes(32)).not.toEqual(ambient.randomBytes(32));
});

test('nothing is logged unless a log is given', () => {
  const said = (['debug', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level).mockImplementation(() => {}));
  try {
    webAmbient().log('error', 'unheard');
    for (const spy of said) expect(spy).not.toHaveBeenCalled();
    webAmbient(consoleLog).log('warn', 'heard', { bytes: 3 });
    expect(said[2]).toHaveBeenCalledWith('elanus: heard', { bytes: 3 });
  } finally {
    for (const spy of said) spy.mockRestore();
  }
});

test('a buffer that is freed has no bytes, and its memory is given back at once', () => {
  const ambient = webAmbient();
  const buffer = new ArrayBuffer(64 * 2 ** 20);
  const before = process.memoryUsage().arrayBuffers;
  ambient.free?.(buffer);
  expect(buffer.byteLength).toBe(0);
  expect(before - process.memoryUsage().arrayBuffers).toBeGreaterThanOrEqual(64 * 2 ** 20);
});

test('where buffers can be transferred that frees them', () => {
  const asked: number[] = [];
  const buffer = Object.assign(new ArrayBuffer(8), { transfer: (sizeBytes: number) => (asked.push(sizeBytes), new ArrayBuffer(0)) });
  webAmbient().free?.(buffer);
  expect(asked).toEqual([0]);
});
