// Waking over web standards: what a worker that is told nothing finds out by itself, and that nobody looks for nothing.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { webWaking } from '../../src/platform/waking.js';

let onLine = false;
const events = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { get onLine() { return onLine; } });
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
  vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
  onLine = false;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('where no event comes, who asked and was told that there is no network hears of the next', () => {
  const waking = webWaking();
  const heard = vi.fn();
  waking.onOnline(heard);
  expect([waking.isOffline(), waking.isOffline()]).toEqual([true, true]);
  vi.advanceTimersByTime(60_000);
  expect(heard).not.toHaveBeenCalled();
  onLine = true;
  vi.advanceTimersByTime(2000);
  expect(heard).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('where the event comes it is enough, and the looking ends', () => {
  const waking = webWaking();
  const heard = vi.fn();
  waking.onOnline(heard);
  waking.isOffline();
  onLine = true;
  events.dispatchEvent(new Event('online'));
  expect([heard.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
});

test('nobody looks where there is a network, or nobody listens any more', () => {
  const waking = webWaking();
  const heard = vi.fn();
  const unlisten = waking.onOnline(heard);
  onLine = true;
  expect([waking.isOffline(), vi.getTimerCount()]).toEqual([false, 0]);
  onLine = false;
  waking.isOffline();
  unlisten();
  onLine = true;
  vi.advanceTimersByTime(60_000);
  events.dispatchEvent(new Event('online'));
  expect([heard.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
});
