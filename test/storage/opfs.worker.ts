// The far end of opfs-remote.ts: opens one OPFS storage and does with it what it is told.

import { ElanusError } from '../../src/model/errors.js';
import type { Log, Storage } from '../../src/ports/storage.js';
import { openOpfsStorage } from '../../src/storage/opfs.js';
import type { Answer, Call } from './opfs-remote.js';

let storage: Storage | undefined;
const logs: Log[] = [];

addEventListener('message', async ({ data }: MessageEvent<Call>) => postMessage(await answer(data)));

async function answer(call: Call): Promise<Answer> {
  try {
    return { call: call.id, ...(await perform(call)) };
  } catch (error) {
    if (error instanceof ElanusError) return { call: call.id, refused: { code: error.code, message: error.message, file: error.file } };
    return { call: call.id, broken: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) };
  }
}

async function perform({ log: logNumber, method, args }: Call): Promise<Pick<Answer, 'value' | 'log' | 'sizeBytes'>> {
  if (method === 'open') {
    storage = await openOpfsStorage(String(args[0]));
    return {};
  }
  const target = logNumber === undefined ? storage : logs[logNumber];
  const value: unknown = await Reflect.apply(Reflect.get(target as object, method) as (...args: unknown[]) => unknown, target, args);
  if (method === 'openLog') return { log: logs.push(value as Log) - 1, sizeBytes: (value as Log).sizeBytes };
  const sizeBytes = logNumber === undefined ? undefined : logs[logNumber]?.sizeBytes;
  return { value, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
}
