// Memory for batches: it is used again once it is freed, never before, and little of it is kept.

import { expect, test } from 'vitest';
import { BatchRoom } from '../../src/engine/write/batch-room.js';

const LENGTH = 32 * 1024;

test('memory is used again when it was freed, and not before', () => {
  const room = new BatchRoom();
  const first = room.memory();
  const a = first.make(Float32Array, LENGTH);
  const b = room.memory().make(Float32Array, LENGTH);
  expect(b.buffer).not.toBe(a.buffer);
  first.free();
  first.free();
  const second = room.memory();
  const [c, d] = [second.make(Int8Array, LENGTH * 4), second.make(Float32Array, LENGTH)];
  expect(c.buffer).toBe(a.buffer);
  expect(d.buffer).not.toBe(a.buffer);
});

test('a batch gets the length that it asked for, of memory that is not four times larger', () => {
  const room = new BatchRoom();
  const first = room.memory();
  const a = first.make(Float32Array, LENGTH);
  first.free();
  expect(room.memory().make(Float32Array, LENGTH / 8).buffer).not.toBe(a.buffer);
  const c = room.memory().make(Float32Array, LENGTH / 2);
  expect([c.buffer, c.length]).toEqual([a.buffer, LENGTH / 2]);
});

test('neither small arrays are kept, nor more than a little, nor anything once it is cleared', () => {
  const room = new BatchRoom();
  const memory = room.memory();
  const [small, large] = [memory.make(Float32Array, 10), memory.make(Uint8Array, 17 * 1024 * 1024)];
  const kept = memory.make(Float32Array, LENGTH);
  memory.free();
  const again = room.memory();
  expect(again.make(Float32Array, 10).buffer).not.toBe(small.buffer);
  expect(again.make(Uint8Array, 17 * 1024 * 1024).buffer).not.toBe(large.buffer);
  expect(again.make(Float32Array, LENGTH).buffer).not.toBe(kept.buffer);
  const third = room.memory();
  const d = third.make(Float32Array, LENGTH);
  third.free();
  room.clear();
  expect(room.memory().make(Float32Array, LENGTH).buffer).not.toBe(d.buffer);
});

test('what is kept is counted where memory is limited, and given back as soon as others need it', () => {
  const loans = new Map<object, readonly [number, () => void]>();
  let hasRoom = true;
  const room = new BatchRoom({
    lend: (holder, bytes, giveBack) => hasRoom && loans.set(holder, [bytes, giveBack]) !== undefined,
    endLoan: (holder) => void loans.delete(holder),
  });
  const use = (): ArrayBufferLike => {
    const memory = room.memory();
    const { buffer } = memory.make(Float32Array, LENGTH);
    memory.free();
    return buffer;
  };
  const first = use();
  expect(loans.get(room)?.[0]).toBe(LENGTH * 4);
  expect(use()).toBe(first);
  loans.get(room)?.[1]();
  const second = use();
  expect(second).not.toBe(first);
  hasRoom = false;
  expect(use()).toBe(second);
  expect(loans.size).toBe(0);
  expect(use()).not.toBe(second);
  room.clear();
  expect(loans.size).toBe(0);
});
