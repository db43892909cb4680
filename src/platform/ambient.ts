// Ambient over web standards: the clock, randomness and hashing that every runtime we support has as globals.
// Silent unless it is given a log.

import type { Ambient } from '../ports/ambient.js';

export type LogFunction = Ambient['log'];

export function webAmbient(log: LogFunction = silentLog): Ambient {
  return { nowMs: () => performance.now() + performance.timeOrigin, randomBytes, sha256, pause, free, log };
}

export const silentLog: LogFunction = () => {};

export const consoleLog: LogFunction = (level, message, fields) => {
  console[level](`elanus: ${message}`, ...(fields === undefined ? [] : [fields]));
};

/** What one call of getRandomValues gives at most. */
const randomBytesMax = 65_536;

function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += randomBytesMax) crypto.getRandomValues(bytes.subarray(at, at + randomBytesMax));
  return bytes;
}

// Not a timer, which browsers slow down in pages that are not seen. A channel for each pause costs Node a millisecond now and then.
function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') return void setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

let nobody: MessagePort | undefined;

// What is sent to a closed port is gone at once.
function free(buffer: ArrayBuffer & { transfer?(sizeBytes: number): ArrayBuffer }): void {
  if (buffer.transfer !== undefined) return void buffer.transfer(0);
  if (nobody === undefined) {
    nobody = new MessageChannel().port1;
    nobody.close();
  }
  nobody.postMessage(undefined, [buffer]);
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // Shared memory is refused by WebCrypto; only that is copied.
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', own));
}
