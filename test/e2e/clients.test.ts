// Unmodified clients against a running server: each script does all that the client can, and checks every value by itself. A
// test here is a verb of a client; what failed in it says which claim and why.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve, type Served } from '../../bench/server/served.js';
import { missingPython } from '../support/python.js';
import { runScript, type Ended } from './script.js';
import { VERBS, type Verb } from './verbs.js';

interface Script {
  readonly path: string;
  /** Before the address. */
  readonly scheme?: string;
  readonly clients: Readonly<Record<string, { readonly without: readonly Verb[] }>>;
}

/** `without`: verbs that the client has no call for. */
const SCRIPTS: readonly Script[] = [
  { path: 'node/grpc-script.ts', clients: { MilvusClient: { without: [] } } },
  { path: 'node/http-script.ts', clients: { HttpClient: { without: [] } } },
  { path: 'node/langchain-script.ts', clients: { 'LangChain.js': { without: ['hybrid', 'range', 'group', 'full text'] } } },
  { path: 'python/pymilvus_script.py', scheme: 'http://', clients: { 'pymilvus MilvusClient': { without: [] }, 'pymilvus ORM': { without: [] } } },
  { path: 'python/langchain_script.py', scheme: 'http://', clients: { 'langchain-milvus': { without: [] } } },
];
const lacking = missingPython(['pymilvus', 'langchain_milvus']);
const missingOf = ({ path }: Script): string | undefined => (path.endsWith('.py') ? lacking : undefined);
const SCRIPT_MS_MAX = 100_000;
const USER = 'root';
const PASSWORD = 'Milvus';

let server: Served;
let directory: string;
/** All of them run at once, each with collections, databases and users of its own. */
let running: ReadonlyMap<Script, Promise<Ended>>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-clients-'));
  server = await serve({ data: directory, words: ['--auth'], entry: 'src/cli/main.ts' });
  running = new Map(SCRIPTS.filter((script) => missingOf(script) === undefined).map((script) => [script, runScript(script.path, [`${script.scheme ?? ''}${server.address}`, USER, PASSWORD], SCRIPT_MS_MAX)]));
});
afterAll(async () => {
  expect(await server.close(), server.log()).toBe(0);
  await rm(directory, { recursive: true });
});

for (const script of SCRIPTS) {
  const { path, clients } = script;
  const missing = missingOf(script);
  describe.skipIf(missing !== undefined)(`${path}${missing === undefined ? '' : ` (${missing})`}`, () => {
    let ended: Ended;
    beforeAll(async () => {
      ended = await (running.get(script) as Promise<Ended>);
    }, SCRIPT_MS_MAX + 5000);
    test('ends well', () => expect(ended.failure).toBeUndefined());
    for (const [client, { without }] of Object.entries(clients)) {
      test.each(VERBS.filter((verb) => !without.includes(verb)))(`${client}: %s`, (verb) => {
        const steps = ended.told.filter((step) => step.client === client && step.verb === verb);
        expect(steps.filter(({ error }) => error !== null).map(({ claim, error }) => `${claim}: ${String(error)}`)).toEqual([]);
        expect(steps.length, `no step of ${client} tells of ${verb}`).toBeGreaterThan(0);
      });
    }
  });
}
