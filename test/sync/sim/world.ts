// World: a server and its clients, each on a disk of its own that a crash leaves as any platform may, over a network that
// loses, delays, repeats and reorders. Everything follows from one seed; there is no timer and no thread.

import { createHash } from 'node:crypto';
import { decodeBatch } from '../../../src/format/batch.js';
import { hexOf } from '../../../src/format/bytes.js';
import { decodePush } from '../../../src/format/push.js';
import type { OnConflict } from '../../../src/engine/api/push.js';
import { openDatabase } from '../../../src/engine/database/database.js';
import type { EngineCollection } from '../../../src/engine/collection/collection.js';
import { ElanusError } from '../../../src/model/errors.js';
import type { Core } from '../../../src/ports/core.js';
import type { SendingTransport, TransportResponse } from '../../../src/ports/transport.js';
import { SyncDatabase } from '../../../src/sync/database.js';
import { encodeAnswer } from '../../../src/sync/push-answer.js';
import { transportTo } from '../../support/transport.js';
import { randomInteger } from '../../support/random.js';
import { crash, killed, SimDisk } from '../../sim/disk.js';
import { simStorage } from '../../sim/storage.js';
import type { Random } from '../../sim/bytes.js';
import { Model, REFUSED_TEXT } from './model.js';

export const SERVER = 'http://server';
export const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 40 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const START_MS = 1_700_000_000_000;
const SUBJECT = 'somebody';
const ROWS = { written: [[{ filter: `not (text like "${REFUSED_TEXT}%")` }]], deleted: [] };

export interface Network {
  /** Of each message, in each direction, how likely it is lost. */
  loss: number;
  /** Clients that get nothing through. */
  readonly apart: Set<number>;
  /** Pushes that are still on their way. */
  readonly late: Uint8Array[];
}

/** One party: a database on a disk, that may die and be opened again. */
export class Party {
  disk = new SimDisk();
  database: SyncDatabase | undefined;
  /** What storage calls die at; undefined: none. */
  diesAfter: number | undefined;

  constructor(readonly world: World, readonly offsetMs: number) {}

  async open(transport?: SendingTransport): Promise<SyncDatabase> {
    const { core, next } = this.world;
    const failing = (): undefined => {
      if (this.diesAfter !== undefined && this.diesAfter-- <= 0) throw new ElanusError('StorageFailed', 'the process died');
    };
    const ambient = {
      nowMs: () => this.nowMs(),
      randomBytes: (count: number) => Uint8Array.from({ length: count }, () => next() * 256),
      sha256: async (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest()),
      pause: async () => void (await undefined),
      log: () => {},
    };
    this.database = await openDatabase(SyncDatabase, 'sim', { storage: simStorage(this.disk, next, { failing }), core, ambient, transport, durable: true, sealBytes: 4096 });
    return this.database;
  }

  nowMs(): number {
    return START_MS + this.world.ms + this.offsetMs;
  }

  notes(): Promise<EngineCollection> {
    if (this.database === undefined) throw new ElanusError('Closed', 'dead');
    return this.database.opened('notes');
  }

  /** The process ends, or the power goes; what is then on the disk is what the next one finds. */
  die(): void {
    const state = this.disk.state();
    const { next } = this.world;
    const left = next() < 0.5 ? crash(state, next) : killed(state, next);
    this.database = undefined;
    this.diesAfter = undefined;
    this.disk = new SimDisk(left);
  }

  /** Damages every manifest on the disk of one that is dead. */
  spoilManifests(): void {
    for (const [key, { content }] of [...this.disk.files]) {
      if (!key.includes('/manifest/')) continue;
      const spoilt = Uint8Array.from(content, (byte, at) => (at === content.length >> 1 ? byte ^ 1 : byte));
      this.disk.files.set(key, { content: spoilt, durable: spoilt });
    }
  }
}

export class World {
  readonly model: Model;
  readonly network: Network = { loss: 0, apart: new Set(), late: [] };
  readonly server: Party;
  readonly clients: Party[] = [];
  ms = 0;

  /** `rule`: what the server decides conflicts by. */
  constructor(readonly core: Core, readonly next: Random, readonly rule?: OnConflict) {
    this.model = new Model(rule);
    this.server = new Party(this, 0);
  }

  integer(below: number): number {
    return randomInteger(this.next, below);
  }

  /** The way of a client to the server. */
  transport(client: number): SendingTransport {
    const lose = (): void => {
      if (this.network.apart.has(client) || this.next() < this.network.loss) throw new ElanusError('Network', 'lost on the way');
    };
    const get = transportTo(() => {
      if (this.server.database === undefined) throw new ElanusError('Network', 'no server');
      return this.server.database;
    });
    return {
      get: async (request) => {
        lose();
        const response = await get.get(request);
        lose();
        return response;
      },
      post: async ({ body }): Promise<TransportResponse> => {
        // What is lost to the client may come all the same, later, and what came may come again.
        if (this.next() < this.network.loss) this.network.late.push(body.slice());
        lose();
        const { status, bytes } = encodeAnswer(await this.receive(body));
        lose();
        return { status, header: () => undefined, bytes: async () => bytes };
      },
    };
  }

  /** The server is given a push; what it then says that it has goes into the model. */
  async receive(body: Uint8Array): ReturnType<SyncDatabase['receive']> {
    const { database } = this.server;
    if (database === undefined) throw new ElanusError('Network', 'no server');
    const nowMs = this.server.nowMs();
    const push = decodePush(body, 'a push');
    const { manifest } = (await this.server.notes()).manifest;
    for (const bytes of push.batches) this.model.offer(decodeBatch(bytes, manifest, 'a batch'), nowMs);
    const answer = await database.receive('notes', push, SUBJECT, this.rule === undefined ? {} : { notes: this.rule }, ROWS).catch((error: unknown) => {
      throw new ElanusError('Network', `status 500: ${String(error)}`, { cause: error });
    });
    if (answer.kind !== 'taken') return answer;
    const { client, after, batches } = push;
    batches.forEach((bytes, at) => {
      const id = after.id + BigInt(at) + 1n;
      if (id <= answer.lastId) this.model.take(hexOf(client), id, decodeBatch(bytes, manifest, 'a batch'), nowMs);
    });
    return answer;
  }
}
