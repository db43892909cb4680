// A port to listen on at 127.0.0.1.

import { createServer } from 'node:net';

/** Port number that was free a moment ago, or undefined if `port` is taken; 0 asks for any. */
async function probe(port) {
  const server = createServer();
  try {
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (error) {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return undefined;
    throw error;
  }
  const free = server.address().port;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

/** `wanted` if it is free, else any that is. */
export async function freePort(wanted) {
  return (await probe(wanted)) ?? (await probe(0));
}
