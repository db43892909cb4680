// A page's line to a published folder: what the search worker answers, and what goes on to one that has the whole engine.

import { expect, test } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import type { Caller } from '../../src/presets/pending.js';
import { SearchTab } from '../../src/presets/search-tab.js';
import type { Call, Reply, Request } from '../../src/presets/wire.js';
import { errorOnWire } from '../../src/presets/wire-error.js';
import { WorkerLine } from '../../src/presets/worker-line.js';

type Answer = (call: Call) => Partial<Reply> | undefined;

/** A worker that answers so; undefined is no answer. */
class FakeWorker extends EventTarget {
  terminated = false;
  readonly calls: string[] = [];

  constructor(private readonly answer: Answer) {
    super();
  }

  postMessage(request: Request): void {
    if (request.kind !== 'call') return;
    this.calls.push(request.verb);
    const reply = this.answer(request);
    if (reply !== undefined) queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data: { id: request.id, ...reply } })));
  }

  terminate(): void {
    this.terminated = true;
  }
}

const opens: Answer = ({ verb }) => (verb === 'open' ? { kind: 'answer', value: 'http' } : undefined);
const OPTIONS = { storage: undefined, gpu: true };

/** What was asked of the engine, of one that answers with the verb, or does not open `failures` times. */
function engine(failures = 0): { readonly open: () => Promise<Caller>; readonly asked: string[]; opened: number; closed: boolean } {
  const state = {
    asked: [] as string[],
    opened: 0,
    closed: false,
    open: async (): Promise<Caller> => {
      if (state.opened++ < failures) throw new ElanusError('Unsupported', 'its script did not load');
      const caller = {
        role: 'owner' as const,
        storage: 'http',
        call: async (verb: string) => {
          state.asked.push(verb);
          return `engine: ${verb}`;
        },
        useKey: async () => undefined,
        close: async () => void (state.closed = true),
      };
      return caller as unknown as Caller;
    },
  };
  return state;
}

async function tabOver(answer: Answer, whole: ReturnType<typeof engine>): Promise<{ readonly tab: SearchTab; readonly worker: FakeWorker }> {
  const worker = new FakeWorker(answer);
  return { tab: await SearchTab.open(new WorkerLine(worker as unknown as Worker), 'films', OPTIONS, whole.open), worker };
}

test('searches are answered by the search worker, and the engine is not opened', async () => {
  const whole = engine();
  const { tab, worker } = await tabOver((call) => opens(call) ?? { kind: 'answer', value: `searcher: ${call.verb}` }, whole);
  expect(await tab.call('collection', ['c'])).toBe('searcher: collection');
  expect(await tab.call('search', ['c', { data: [1] }])).toBe('searcher: search');
  expect([whole.opened, worker.calls]).toEqual([0, ['open', 'collection', 'search']]);
});

test('what is beyond it goes to the engine, and so does everything from then on', async () => {
  const whole = engine();
  const { tab, worker } = await tabOver((call) => opens(call) ?? { kind: 'gone', from: '' }, whole);
  expect(await tab.call('search', ['c', { data: [1] }])).toBe('engine: search');
  expect(await tab.call('search', ['c', { data: [1] }])).toBe('engine: search');
  expect([whole.opened, worker.calls, worker.terminated]).toEqual([1, ['open', 'search'], true]);
});

test('other verbs are not even asked of it; calls at once open one engine', async () => {
  const whole = engine();
  const { tab, worker } = await tabOver(opens, whole);
  expect(await Promise.all([tab.call('health', []), tab.call('listCollections', ['default'])])).toEqual(['engine: health', 'engine: listCollections']);
  expect([whole.opened, worker.calls]).toEqual([1, ['open']]);
});

test('searches under way are answered before it ends', async () => {
  const whole = engine();
  let answer: (() => void) | undefined;
  const { tab, worker } = await tabOver((call) => {
    answer = () => worker.dispatchEvent(new MessageEvent('message', { data: { kind: 'answer', id: call.id, value: 'late' } }));
    return opens(call);
  }, whole);
  const search = tab.call('search', ['c', { data: [1] }]);
  const health = tab.call('health', []);
  await new Promise((resolve) => setTimeout(resolve));
  expect(worker.terminated).toBe(false);
  answer?.();
  expect([await search, await health, worker.terminated]).toEqual(['late', 'engine: health', true]);
});

test('a folder that it cannot open the engine opens, or says why not', async () => {
  const refuses: Answer = () => ({ kind: 'failure', error: errorOnWire(new ElanusError('Corrupt', 'index.json')) });
  const { tab } = await tabOver(refuses, engine());
  expect(await tab.call('search', ['c', { data: [1] }])).toBe('engine: search');
  await expect(tabOver(refuses, engine(1))).rejects.toMatchObject({ code: 'Unsupported' });
});

test('an engine that does not open is tried again by the next call', async () => {
  const whole = engine(1);
  const { tab } = await tabOver(opens, whole);
  await expect(tab.call('health', [])).rejects.toMatchObject({ code: 'Unsupported' });
  expect(await tab.call('health', [])).toBe('engine: health');
});

test('closing ends what is under way, and the engine', async () => {
  const whole = engine();
  const { tab, worker } = await tabOver(opens, whole);
  const search = tab.call('search', ['c', { data: [1] }]);
  const refused = expect(search).rejects.toMatchObject({ code: 'Closed' });
  await tab.close();
  await refused;
  expect(worker.terminated).toBe(true);
  for (const verb of ['health', 'search'] as const) await expect(tab.call(verb, [] as never)).rejects.toMatchObject({ code: 'Closed' });
  expect(whole.opened).toBe(0);
  const other = await tabOver(opens, whole);
  await other.tab.call('health', []);
  await other.tab.close();
  expect(whole.closed).toBe(true);
});
