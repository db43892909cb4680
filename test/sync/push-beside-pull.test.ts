// A push of a copy while a pull of it completes: whichever ends first, the copy has what was pulled, and nothing is sent
// to a server that counts as another by then.

import { beforeEach, expect, test } from 'vitest';
import type { PushAnswer } from '../../src/engine/api/push.js';
import { decodePush, type Push } from '../../src/format/push.js';
import type { Core } from '../../src/ports/core.js';
import type { SendingTransport } from '../../src/ports/transport.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { encodeAnswer } from '../../src/sync/push-answer.js';
import { testCore, testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const row = (id: number, text: string) => ({ id, text, v: [id, 1] });
/** Turns of the event loop in which whatever is not held up comes to its end. */
const TURNS = 100;
let core: Core;
let server: SyncDatabase;

/** Something that is to be held up, once: `came` resolves when it is there. */
class Gate {
  #open = (): void => {};
  #tell = (): void => {};
  readonly came = new Promise<void>((resolve) => (this.#tell = resolve));
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));
  isArmed = false;

  async pass(): Promise<void> {
    if (!this.isArmed) return;
    this.isArmed = false;
    this.#tell();
    await this.#opened;
  }

  open(): void {
    this.#open();
  }
}

/** Takes a push as the server does, which refuses every conflict. */
async function received(push: Push): Promise<PushAnswer> {
  return (await server.opened('notes')).receive(push, new Uint8Array(8).fill(1), () => {
    throw new Error('no');
  });
}

function transportBy(answer: (push: Push) => Promise<PushAnswer>): SendingTransport {
  return {
    ...transportTo(() => server),
    async post({ body }) {
      const { status, bytes } = encodeAnswer(await answer(decodePush(body, 'a push')));
      return { status, header: () => undefined, bytes: async () => bytes };
    },
  };
}

async function textsOf(db: SyncDatabase): Promise<readonly string[]> {
  const rows = await (await db.collection('notes')).query({ outputFields: ['id', 'text'] });
  return rows.map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setTimeout(resolve));
}

beforeEach(async () => {
  core ??= await testCore();
  server = await testDatabase({ seed: 77, core });
  await server.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  const notes = await server.collection('notes');
  await notes.insert([row(1, 'one'), row(2, 'two')]);
  await notes.flush();
});

test('a refusal that is taken in while a pull completes leaves the copy as it was pulled, now and when it is opened again', async () => {
  const files: MemoryFiles = new Map();
  const storage = memoryStorage(files);
  const read = storage.read.bind(storage);
  const reading = new Gate();
  storage.read = async (key, ...rest) => {
    if (key.includes('/rows-')) await reading.pass();
    return read(key, ...rest);
  };
  const copy = await testDatabase({ storage, transport: transportBy(received), core });
  await copy.pull(SERVER, 'notes');
  const notes = await copy.collection('notes');
  await notes.upsert([row(1, 'mine')]);
  reading.isArmed = true;
  const pushing = copy.push('notes');
  await reading.came;
  const theirs = await server.collection('notes');
  await theirs.delete({ ids: [1, 2] });
  await theirs.insert([row(5, 'five')]);
  await theirs.flush();
  const pulling = copy.pull(SERVER, 'notes');
  await turns();
  reading.open();
  expect(await pushing).toMatchObject({ batches: 1, refused: 1 });
  const { version } = await pulling;
  expect((await copy.opened('notes')).manifest.manifest.version).toBe(version);
  expect(await textsOf(copy)).toEqual(['5:five']);
  await copy.close();
  const again = await testDatabase({ files, transport: transportBy(received), core });
  expect((await again.opened('notes')).missing).toEqual([]);
  expect(await textsOf(again)).toEqual(['5:five']);
  expect(await again.listRefused('notes')).toMatchObject([{ keys: [1n] }]);
  await again.close();
});

test('what a server said it has is not believed of the number that the copy took for itself meanwhile', async () => {
  const answering = new Gate();
  const copy = await testDatabase({
    transport: transportBy(async (push) => {
      const answer = await received(push);
      await answering.pass();
      return answer;
    }),
    core,
  });
  await copy.pull(SERVER, 'notes');
  const notes = await copy.collection('notes');
  await notes.upsert([row(3, 'three')]);
  await copy.push('notes');
  await notes.upsert([row(4, 'four')]);
  answering.isArmed = true;
  const pushing = copy.push('notes');
  await answering.came;
  // As a pull does from a server that was put back from a backup.
  const { outbox } = await copy.opened('notes');
  await outbox?.renew();
  server = await testDatabase({ seed: 78, core });
  await server.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  answering.open();
  await pushing;
  expect(outbox).toMatchObject({ unsent: 0 });
  expect(await textsOf(server)).toEqual(['3:three', '4:four']);
  await copy.close();
});
