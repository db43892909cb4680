// The end of the protocol that works in a target's process: requests on stdin, each answered on stdout, until one says
// close or stdin ends. Whatever else is printed goes to stderr.

import { createInterface } from 'node:readline';

/** Never returns. `answer` gets every request but `close`; what it throws is answered as an error. */
export async function serve<Request extends { readonly op: string }>(answer: (request: Request) => Promise<unknown>): Promise<never> {
  console.log = console.info = console.debug = console.error;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    if (request.op === 'close') break;
    try {
      reply({ ok: await answer(request) });
    } catch (error) {
      reply({ error: error instanceof Error ? error.message : String(error) });
    }
  }
  process.exit(0);
}

function reply(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
