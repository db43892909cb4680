// The desk of an owner that took over: what it does again, what it refuses, and in which order.

import { describe, expect, test } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import { GONE } from '../../src/presets/answers.js';
import { Desk } from '../../src/presets/desk.js';
import type { Call, CallControl, Host, Verb } from '../../src/presets/wire.js';

/** A host that notes what it is asked to do, and ends a `pull` only when that is aborted. */
class FakeHost {
  readonly done: string[] = [];
  readonly generated = new Set<string>();
  readonly there = new Set(['c']);
  opening: Promise<void> = Promise.resolve();

  readonly host = new Proxy({} as Host, {
    get: (_, verb: string) => async (...args: readonly unknown[]): Promise<unknown> => {
      if (verb === 'hasCollection') return this.there.has(String(args[0]));
      if (verb === 'collection') await this.opening;
      if (verb === 'collection') return { schema: { fields: [{ name: 'id', type: 'Int64', primaryKey: true, autoId: this.generated.has(String(args[0])) }] } };
      this.done.push(`${verb} ${JSON.stringify(args.slice(0, -1))}`);
      if (verb !== 'pull') return undefined;
      const { signal } = args.at(-1) as CallControl;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new ElanusError('Closed', 'aborted'))));
    },
  });
}

const call = (verb: Verb, args: readonly unknown[], again = false): Call => ({ kind: 'call', to: 'o', id: 1, verb, args, again, progress: false });
const control = (): CallControl => ({ signal: new AbortController().signal, onProgress: undefined });

function setUp(): { readonly fake: FakeHost; readonly run: (verb: Verb, args: readonly unknown[], again?: boolean) => Promise<unknown>; readonly settle: () => void; readonly desk: Desk } {
  const fake = new FakeHost();
  let settle = (): void => undefined;
  const desk = new Desk(fake.host, new Promise((resolve) => (settle = resolve)));
  return { fake, desk, settle: () => settle(), run: (verb, args, again) => desk.run(call(verb, args, again), control()) };
}

describe('a desk', () => {
  test('does again first what the owner before did not answer, in the order in which it comes; reads wait for nothing', async () => {
    const { fake, run, settle } = setUp();
    const fresh = run('upsert', ['c', 'new']);
    const again = [run('insert', ['c', 1], true), run('upsert', ['c', 2], true), run('delete', ['c', 3], true)];
    await run('count', ['c', undefined]);
    await Promise.all(again);
    expect(fake.done).toEqual(['count ["c",null]', 'insert ["c",1]', 'upsert ["c",2]', 'delete ["c",3]']);
    settle();
    await fresh;
    expect(fake.done.at(-1)).toBe('upsert ["c","new"]');
  });

  test('lets new writes wait for what is looked at, however long that takes', async () => {
    const { fake, run, settle } = setUp();
    let opened = (): void => undefined;
    fake.opening = new Promise((resolve) => (opened = resolve));
    const again = [run('insert', ['c', 1], true), run('upsert', ['c', 2], true)];
    settle();
    const fresh = run('upsert', ['c', 'new']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(fake.done).toEqual([]);
    opened();
    await Promise.all([...again, fresh]);
    expect(fake.done).toEqual(['insert ["c",1]', 'upsert ["c",2]', 'upsert ["c","new"]']);
  });

  test('refuses to do again what came after a new write to the same collection, and reads at any time', async () => {
    const { run, settle } = setUp();
    settle();
    await run('upsert', ['c', 'new']);
    await expect(run('upsert', ['c', 'old'], true)).rejects.toMatchObject({ code: 'Interrupted' });
    await expect(run('pull', ['c', 'http://a', {}], true)).rejects.toMatchObject({ code: 'Interrupted' });
    await run('upsert', ['d', 'old'], true);
    await run('count', ['c', undefined], true);
  });

  test('refuses to do again what a new write overtook while it was looked at', async () => {
    const { fake, run, settle } = setUp();
    let opened = (): void => undefined;
    fake.opening = new Promise((resolve) => (opened = resolve));
    settle();
    await new Promise((resolve) => setTimeout(resolve));
    // It comes late, as from a tab that was busy: new writes wait no more.
    const again = Promise.allSettled([run('insert', ['c', 1], true)]);
    await new Promise((resolve) => setTimeout(resolve));
    await run('upsert', ['c', 'new']);
    opened();
    expect(await again).toMatchObject([{ status: 'rejected', reason: { code: 'Interrupted' } }]);
    expect(fake.done).toEqual(['upsert ["c","new"]']);
  });

  test('does no insert again whose keys are generated', async () => {
    const { fake, run } = setUp();
    fake.generated.add('c');
    await expect(run('insert', ['c', 1], true)).rejects.toMatchObject({ code: 'Interrupted' });
    await run('upsert', ['c', 1], true);
  });

  test('makes again what is not there and drops again what is', async () => {
    const { fake, run } = setUp();
    await expect(run('createCollection', ['default', { name: 'c', dimension: 2 }], true)).rejects.toMatchObject({ code: 'Interrupted' });
    await run('createCollection', ['default', { name: 'd', dimension: 2 }], true);
    await run('dropCollection', ['c'], true);
    await expect(run('dropCollection', ['e'], true)).rejects.toMatchObject({ code: 'Interrupted' });
    expect(fake.done).toHaveLength(2);
  });

  test('that is left begins nothing, not even what waits, and ends pulls as if they had not been begun', async () => {
    const { fake, desk, run } = setUp();
    const waiting = run('upsert', ['c', 'new']);
    const pulling = run('pull', ['copy', 'http://a', {}], true);
    const outcomes = Promise.allSettled([waiting, pulling]);
    await new Promise((resolve) => setTimeout(resolve));
    await desk.leave();
    await expect(run('count', ['c', undefined])).rejects.toBe(GONE);
    expect((await Promise.race([outcomes, new Promise((resolve) => setTimeout(resolve, 50, 'waiting'))]))).toBe('waiting');
    expect(fake.done).toEqual(['pull ["copy","http://a",{}]']);
    await expect(pulling).rejects.toBe(GONE);
  });

  test('does not know calls of another version', async () => {
    const { desk } = setUp();
    await expect(desk.run({ ...call('count', []), verb: 'toString' as Verb }, control())).rejects.toMatchObject({ code: 'Unsupported' });
  });
});
