// Run: a history of a world from a seed, then peace; and whether everybody has come to the same, nothing was lost and
// nothing applied twice.

import type { Core } from '../../../src/ports/core.js';
import type { OnConflict } from '../../../src/engine/api/push.js';
import { ElanusError } from '../../../src/model/errors.js';
import { decodeBatch } from '../../../src/format/batch.js';
import { random } from '../../support/random.js';
import { REFUSED_TEXT } from './model.js';
import { rowsOf } from './rows-written.js';
import { Party, SERVER, FIELDS, World } from './world.js';

export interface Outcome {
  /** Acknowledged writes that the server never had, that it refused without their client knowing, and in whose place is what their client wrote before. */
  readonly lost: number;
  /** Batches that were applied more than once. */
  readonly duplicated: number;
  /** Parties whose rows are not those of the model. */
  readonly diverged: number;
  readonly detail: string;
}

const STEPS = 60;
const KEYS = 12;
const PEACE_ROUNDS = 12;
const HOUR_MS = 3_600_000;
const ALONE = 84;

interface Client extends Party {
  readonly number: number;
  /** What it wrote last, by key; undefined of a deletion, or if it is not known whether that was done. */
  readonly own: Map<number, string | undefined>;
  /** Its manifests are damaged, and no pull has healed it yet. */
  isDamaged: boolean;
  /** Which of its writes began last, by key. */
  readonly begun: Map<number, string>;
}

/** What clients acknowledged: texts of writes. */
interface Acknowledged {
  readonly texts: string[];
  /** By the number of the client, those that the server refuses. */
  readonly refused: Map<number, string[]>;
}

export async function runSeed(core: Core, seed: number): Promise<Outcome> {
  const next = random(seed);
  // One in four servers has a rule. What it decides depends on the order in which pushes come, so that one thing is done at a time, to its end.
  const rule = seed % 4 === 3 ? decide : undefined;
  const world = new World(core, next, rule);
  // Where clocks are ahead the server's death in the middle of a push would leave open when it was believed.
  const skewed = seed % 2 === 0;
  await startServer(world);
  const acknowledged: Acknowledged = { texts: [], refused: new Map() };
  const count = 3 + world.integer(8);
  for (let number = 0; number < count; number++) world.clients.push(await startClient(world, skewed ? (world.integer(3) - 1) * HOUR_MS : -world.integer(2) * HOUR_MS, number));
  for (let step = 0; step < STEPS; step++) {
    world.ms += 1 + world.integer(500);
    world.network.loss = world.integer(4) === 0 ? 0.4 : 0.1;
    const together = Array.from({ length: rule === undefined ? 1 + world.integer(3) : 1 }, () => world.integer(100));
    // Who dies, and what the server writes by itself, has the world for himself: else nobody could say what was done.
    await Promise.all(together.filter((dice) => dice < ALONE).map((dice) => act(world, acknowledged, skewed, step, dice)));
    for (const dice of together.filter((one) => one >= ALONE)) await act(world, acknowledged, skewed, step, dice);
    if (step % 5 === 0) await readOwn(world);
  }
  await peace(world);
  return judge(world, acknowledged);
}

/** By the texts alone: the one, the other, or both in one, which may be as long as the field takes. */
const decide: OnConflict = ({ existing, incoming, later }) => {
  const texts = [existing, incoming].map((row) => (row?.['text'] as string | undefined) ?? '');
  const dice = [...texts.join('|')].reduce((sum, character) => sum + character.charCodeAt(0), 0) % 4;
  if (dice === 0) return later;
  if (dice === 1) return later === 'existing' ? 'incoming' : 'existing';
  if (incoming === undefined) return dice === 2 ? 'incoming' : 'existing';
  return { ...existing, ...incoming, text: texts.map((text) => text.slice(-19)).join('+') };
};

async function startServer(world: World): Promise<void> {
  const database = await world.server.open();
  await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
}

async function startClient(world: World, offsetMs: number, number: number): Promise<Client> {
  const client = Object.assign(new Party(world, offsetMs), { number, isDamaged: false, own: new Map<number, string | undefined>(), begun: new Map<number, string>() });
  await client.open(world.transport(number));
  await client.database?.pull(SERVER, 'notes', { progressive: world.integer(2) === 0 });
  return client;
}

async function act(world: World, acknowledged: Acknowledged, skewed: boolean, step: number, dice: number): Promise<void> {
  const client = world.clients[world.integer(world.clients.length)] as Client;
  if (dice < 40) return write(world, client, acknowledged, step);
  if (dice < 55) return quietly(async () => void (await client.database?.push('notes')), client);
  if (dice < 68) return pull(world, client);
  if (dice < 76) return quietly(async () => (await world.server.notes()).flush());
  if (dice < 80) return late(world);
  if (dice < ALONE) return void (world.network.apart.has(client.number) ? world.network.apart.delete(client.number) : world.network.apart.add(client.number));
  if (dice < 89) return reopen(world, client, world.integer(3) === 0);
  if (dice < 94) return restart(world, skewed);
  return ownWrite(world, step);
}

async function write(world: World, client: Client, acknowledged: Acknowledged, step: number): Promise<void> {
  const id = world.integer(KEYS);
  const isRefused = world.integer(8) === 0;
  const text = `${isRefused ? `${REFUSED_TEXT}-` : ''}${client.number}-${step}-${world.integer(1_000_000)}`;
  const isDeletion = world.integer(4) === 0;
  client.own.set(id, undefined);
  client.begun.set(id, text);
  await quietly(async () => {
    const notes = await client.notes();
    if (isDeletion) await notes.delete({ ids: [id] });
    else await notes.upsert([{ id, text, v: [id, 1] }]);
    if (isDeletion) return;
    if (isRefused) return void acknowledged.refused.set(client.number, [...(acknowledged.refused.get(client.number) ?? []), text]);
    acknowledged.texts.push(text);
    if (client.begun.get(id) === text) client.own.set(id, text);
  }, client);
}

async function pull(world: World, client: Client): Promise<void> {
  const { database } = client;
  await quietly(async () => {
    await database?.pull(SERVER, 'notes', { progressive: world.integer(2) === 0 });
    if (client.database === database) client.isDamaged = false;
  }, client);
}

/** What each client wrote itself it sees, or what is later. */
async function readOwn(world: World): Promise<void> {
  for (const client of world.clients as Client[]) {
    if (client.database === undefined || client.isDamaged) continue;
    const rows = new Map((await (await client.notes()).query({ outputFields: ['id', 'text'], limit: 1000 })).map(({ id, text }) => [Number(id), text as string]));
    for (const [id, own] of client.own) {
      if (own !== undefined && !world.model.maySee(BigInt(id), own, rows.get(id))) throw new Error(`client ${client.number} wrote ${id}:${own} and sees ${String(rows.get(id))}`);
    }
  }
}

/** One that was delayed arrives, or one that arrived does again. */
async function late(world: World): Promise<void> {
  const { late: waiting } = world.network;
  if (waiting.length === 0) return;
  const [body] = waiting.splice(world.integer(waiting.length), 1);
  await quietly(async () => void (await world.receive(body as Uint8Array)));
}

async function reopen(world: World, client: Client, isDamaged = false): Promise<void> {
  client.die();
  if (isDamaged) {
    client.spoilManifests();
    client.isDamaged = true;
  }
  await client.open(world.transport(client.number));
}

/** The server dies between calls, or in the middle of what comes next. */
async function restart(world: World, skewed: boolean): Promise<void> {
  const { server } = world;
  if (!skewed && world.rule === undefined && world.integer(2) === 0) {
    server.diesAfter = world.integer(30);
    const client = world.clients[world.integer(world.clients.length)] as Client;
    await quietly(async () => void (await client.database?.push('notes')), client);
    await quietly(async () => (await server.notes()).flush());
  }
  server.die();
  await server.open();
}

async function ownWrite(world: World, step: number): Promise<void> {
  const { server, model } = world;
  if (server.database === undefined || server.diesAfter !== undefined) return;
  const id = world.integer(KEYS);
  const text = world.integer(3) === 0 ? undefined : `server-${step}-${world.integer(1_000_000)}`;
  const notes = await server.notes();
  // In the same order as the server ticks: at the call.
  const done = text === undefined ? notes.delete({ ids: [id] }) : notes.upsert([{ id, text, v: [id, 1] }]);
  model.own(BigInt(id), text, server.nowMs());
  await done;
}

/** What fails by the network, or as somebody died or does not open, is tried again later. Anything else is a finding. */
async function quietly(work: () => Promise<void>, client?: Client): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ElanusError && ['Network', 'Closed', 'StorageFailed', 'ReadOnly', ...(client?.isDamaged === true ? ['NotFound'] : [])].includes(error.code)) return;
    throw error;
  }
}

async function peace(world: World): Promise<void> {
  world.network.loss = 0;
  world.network.apart.clear();
  world.server.die();
  await world.server.open();
  for (const body of world.network.late.splice(0)) await quietly(async () => void (await world.receive(body)));
  for (const client of world.clients as Client[]) {
    await reopen(world, client);
    if (client.isDamaged) await pull(world, client);
  }
  for (let round = 0; round < PEACE_ROUNDS; round++) {
    world.ms += 1000;
    for (const client of world.clients) {
      await client.database?.push('notes');
      await (await world.server.notes()).flush();
      await client.database?.pull(SERVER, 'notes');
    }
  }
}

async function judge(world: World, { texts, refused }: Acknowledged): Promise<Outcome> {
  const { model, server, clients } = world;
  const lost = texts.filter((text) => !model.came.has(text));
  for (const client of clients as Client[]) {
    const listed = await refusedBy(client);
    lost.push(...(refused.get(client.number) ?? []).filter((text) => !listed.has(text)));
  }
  const rows = await (await server.notes()).query({ outputFields: ['id', 'text'], limit: 1000 });
  lost.push(...model.reversed(new Map(rows.map(({ id, text }) => [BigInt(id as bigint), text as string]))).map((row) => `what was written after ${row}`));
  const wanted = model.shown();
  const different: string[] = [];
  for (const [who, party] of [['server', server] as const, ...clients.map((client) => [`client ${(client as Client).number}`, client] as const)]) {
    const found = await shownBy(party);
    if (JSON.stringify(found) !== JSON.stringify(wanted)) different.push(`${who} shows ${found.join(' ')}`);
    const pending = (await party.notes()).outbox?.pending ?? 0;
    if (pending > 0) different.push(`${who} has ${pending} batches that wait`);
  }
  const { nextLsn } = (await server.notes()).manifest.manifest;
  const duplicated = Number(nextLsn - 1n - model.batches);
  const detail = [...different, ...(lost.length > 0 ? [`lost ${lost.join(' ')}`] : []), ...(duplicated === 0 ? [] : [`${nextLsn - 1n} batches logged, ${model.batches} came`]), ...(different.length > 0 ? [`expected ${wanted.join(' ')}`] : [])].join('\n  ');
  return { lost: lost.length, duplicated: Math.abs(duplicated), diverged: different.length, detail };
}

/** Texts of the writes that the client lists as refused. */
async function refusedBy(client: Client): Promise<ReadonlySet<string | undefined>> {
  const { outbox, manifest } = await client.notes();
  const batches = await Promise.all((outbox?.refused ?? []).map(async ({ lsn }) => decodeBatch(await (outbox as NonNullable<typeof outbox>).refusedBatch(lsn), manifest.manifest, 'a refused batch')));
  return new Set(batches.flatMap((batch) => rowsOf(batch).map(({ text }) => text)));
}

async function shownBy(party: Party): Promise<readonly string[]> {
  return (await (await party.notes()).query({ outputFields: ['id', 'text'], limit: 1000 })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}
