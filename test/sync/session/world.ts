// World: a database with a session, a server without a network, and a clock that goes on only when it is told.

import { expect, vi } from 'vitest';
import type { SessionOptions, SessionStatus, SyncSession } from '../../../src/engine/api.js';
import { decodePush } from '../../../src/format/push.js';
import { ElanusError } from '../../../src/model/errors.js';
import type { Waking } from '../../../src/ports/waking.js';
import type { SendingTransport, TransportRequest, TransportResponse } from '../../../src/ports/transport.js';
import type { Storage } from '../../../src/ports/storage.js';
import type { Core } from '../../../src/ports/core.js';
import type { SyncDatabase } from '../../../src/sync/database.js';
import { encodeAnswer } from '../../../src/sync/push-answer.js';
import { testAmbient, testDatabase } from '../../support/database.js';
import { transportTo } from '../../support/transport.js';

export const SERVER = 'http://server';
export const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 2000 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
export const row = (id: number, text: string) => ({ id, text, v: [id, 1] });
const START_MS = 1_700_000_000_000;

interface Timer {
  readonly atMs: number;
  readonly work: () => void;
}

export class Clock implements Waking {
  nowMs = START_MS;
  offline = false;
  readonly timers = new Set<Timer>();
  readonly online = new Set<() => void>();

  after(ms: number, work: () => void): () => void {
    const timer = { atMs: this.nowMs + ms, work };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  isOffline(): boolean {
    return this.offline;
  }

  onOnline(work: () => void): () => void {
    this.online.add(work);
    return () => void this.online.delete(work);
  }

  /** What is due meanwhile happens. */
  advance(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers].sort((a, b) => a.atMs - b.atMs)) {
      if (timer.atMs > this.nowMs || !this.timers.delete(timer)) continue;
      timer.work();
    }
  }

  networkCame(): void {
    this.offline = false;
    for (const work of this.online) work();
  }
}

interface Poll {
  readonly collection: string;
  readonly since: number;
  answer(response: TransportResponse): void;
}

const answered = (status: number, body: object | undefined, headers: Readonly<Record<string, string>> = {}): TransportResponse => ({
  status,
  header: (name) => headers[name],
  bytes: async () => new TextEncoder().encode(JSON.stringify(body)),
});

/** What happens to a request instead of what the server does; undefined: nothing else. */
export type Trouble = (path: string, request: TransportRequest) => { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'cut' | undefined;

export const until = (session: SyncSession, state: SessionStatus['state']): Promise<void> => vi.waitFor(() => expect(session.status.state).toBe(state));

/** Of all rows, with their keys. */
export async function texts(from: SyncDatabase, name = 'notes'): Promise<readonly string[]> {
  return (await (await from.collection(name)).query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

/** What it may do by itself has been done. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export class World {
  readonly clock = new Clock();
  readonly polls = new Set<Poll>();
  /** Paths below `/v1/collections/`, less polls. */
  readonly requests: string[] = [];
  readonly tokens: (string | undefined)[] = [];
  trouble: Trouble = () => undefined;
  server!: SyncDatabase;
  db!: SyncDatabase;

  async open(core: Core, storage?: Storage): Promise<this> {
    this.server = await testDatabase({ seed: 77, core });
    for (const name of ['notes', 'other']) {
      await this.server.createCollection({ name, fields: FIELDS, properties: { 'sync.push': true } });
      await (await this.server.collection(name)).insert([row(1, 'one')]);
      await (await this.server.collection(name)).flush();
    }
    const ambient = { ...testAmbient(5), nowMs: () => this.clock.nowMs };
    this.db = await testDatabase({ core, transport: this.#transport(), waking: this.clock, ambient, ...(storage === undefined ? {} : { storage }) });
    return this;
  }

  async close(): Promise<void> {
    await this.db.close();
    await this.server.close();
  }

  begin(options: Partial<SessionOptions> = {}): Promise<SyncSession> {
    return this.db.syncSession({ url: SERVER, collections: ['notes'], trust: 'nobody', ...options });
  }

  /** So many requests wait for the server to tell of changes. */
  polled(count = 1): Promise<void> {
    return vi.waitFor(() => expect(this.polls.size).toBe(count));
  }

  async idle(session: SyncSession): Promise<void> {
    await until(session, 'idle');
    await this.polled(session.status.collections.length);
  }

  /** Something is written to the server, and sealed; who waits for it is told. */
  async serverWrites(id: number, text: string, name = 'notes'): Promise<void> {
    const collection = await this.server.opened(name);
    await collection.upsert([row(id, text)]);
    await this.serverSeals(name);
  }

  async serverSeals(name = 'notes'): Promise<void> {
    const collection = await this.server.opened(name);
    await collection.flush();
    this.tell(name, collection.manifest.manifest.version);
  }

  tell(name: string, version: number): void {
    for (const poll of [...this.polls]) if (poll.collection === name) poll.answer(answered(200, { version }));
  }

  #transport(): SendingTransport {
    const files = transportTo(() => this.server);
    const meet = async (request: TransportRequest): Promise<TransportResponse | undefined> => {
      const path = new URL(request.url).pathname.split('/').slice(3).join('/');
      if (!path.endsWith('changes')) this.requests.push(path.replace(/files\/.*/, 'files'));
      this.tokens.push(request.headers?.['authorization']);
      // As from another thread.
      await new Promise((resolve) => setImmediate(resolve));
      if (request.signal?.aborted === true) throw new ElanusError('Closed', 'aborted');
      const met = this.trouble(path, request);
      if (met === 'cut') throw new ElanusError('Network', 'no answer');
      return met && answered(met.status, {}, met.headers);
    };
    return {
      get: async (request) => (await meet(request)) ?? (request.url.includes('/changes?') ? this.#poll(request) : files.get(request)),
      post: async (request) => {
        const met = await meet(request);
        if (met !== undefined) return met;
        const name = new URL(request.url).pathname.split('/')[3] ?? '';
        const { status, bytes } = encodeAnswer(await this.server.receive(name, decodePush(request.body, 'a push'), 'somebody'));
        return { status, header: () => undefined, bytes: async () => bytes };
      },
    };
  }

  #poll({ url, signal }: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const { pathname, searchParams } = new URL(url);
      const poll: Poll = {
        collection: pathname.split('/')[3] ?? '',
        since: Number(searchParams.get('since')),
        answer: (response) => {
          this.polls.delete(poll);
          resolve(response);
        },
      };
      this.polls.add(poll);
      signal?.addEventListener('abort', () => {
        this.polls.delete(poll);
        reject(new ElanusError('Closed', 'aborted'));
      });
    });
  }
}
