// PeerServer: the servers that the peer bench compares, each in a process of its own behind a port: ours, and milvus-lite by
// its own command.

import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { endWithUs } from './orphans.js';
import { python } from './peer-client.js';
import { memoryOf, serve, type Memory } from './served.js';

export interface PeerServer {
  readonly uri: string;
  /** From the start of its process until its port took a connection, looked for in the same way for all. */
  readonly startedMs: number;
  /** The same until it said that it is ready, which only ours does. */
  readonly readyMs?: number;
  memory(): Memory;
  close(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** `data` is its directory. */
  start(data: string): Promise<PeerServer>;
  /** What it may be asked for, from which that which is fastest at the recall wins. */
  readonly indexes: readonly { readonly index: Readonly<Record<string, unknown>>; readonly params: readonly Readonly<Record<string, unknown>>[] }[];
}

const PROBE_MS = 2;
const START_MS_MAX = 120_000;

export const ELANUS: Contender = {
  name: 'elanus',
  start: async (data) => {
    const port = await freePort();
    const began = performance.now();
    const answered = listening(port, began + START_MS_MAX).then(() => performance.now() - began);
    answered.catch(() => undefined);
    const served = await serve({ data, port });
    return { uri: `http://${served.address}`, startedMs: await answered, readyMs: served.startedMs, memory: () => memoryOf(served.child.pid ?? 0), close: async () => void (await served.close()) };
  },
  indexes: [{ index: { index_type: 'AUTOINDEX' }, params: [0.95, 0.97, 0.99].map((recall) => ({ params: { recall } })) }],
};

export const MILVUS_LITE: Contender = {
  name: 'milvus-lite',
  start: async (data) => {
    const port = await freePort();
    const began = performance.now();
    const child = spawn(python(), ['-c', 'from milvus_lite.cmdline import main; main()', 'server', '--data-dir', data, '--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
    endWithUs(child);
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    await listening(port, began + START_MS_MAX);
    return {
      uri: `http://127.0.0.1:${port}`,
      startedMs: performance.now() - began,
      memory: () => memoryOf(child.pid ?? 0),
      close: async () => {
        child.kill('SIGINT');
        await ended;
      },
    };
  },
  indexes: [
    { index: { index_type: 'HNSW', params: { M: 16, efConstruction: 200 } }, params: [10, 16, 24, 32, 48, 64, 96, 128, 256].map((ef) => ({ params: { ef } })) },
    { index: { index_type: 'IVF_FLAT', params: { nlist: 256 } }, params: [4, 8, 16, 32, 64, 128].map((nprobe) => ({ params: { nprobe } })) },
  ],
};

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

async function listening(port: number, until: number): Promise<void> {
  while (performance.now() < until) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
  }
  throw new Error(`nothing listened on port ${port}`);
}
