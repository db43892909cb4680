// What an answer to a GET, with or without a Range, says it holds: where in the file its body begins. Caches and
// proxies stand between, so nothing is taken for granted.

import { ElanusError } from '../model/errors.js';
import type { IndexedFile } from '../format/file-index.js';
import type { WebAnswer } from './web-client.js';

/** Where the body begins. `asked`: the first byte asked for; undefined if the whole file was. Errors: `Corrupt`, `NotFound`, `Network`. */
export async function bodyStart(answer: WebAnswer, file: IndexedFile, asked: number | undefined): Promise<number> {
  const { status } = answer;
  // A server may ignore a range and send all.
  if (status === 200) return 0;
  if (status === 206 && asked !== undefined) {
    checkPart(answer, file, asked);
    return asked;
  }
  await answer.discard();
  const said = `${answer.url}: the server answered with status ${status}`;
  if (status === 404 || status === 410) throw new ElanusError('NotFound', `${said}: the index names the file`, { file: file.key, status });
  if (status === 416) throw new ElanusError('Corrupt', `${file.key}: expected ${file.sizeBytes} bytes, as the index says, found a shorter file`, { file: file.key, status });
  throw new ElanusError('Network', said, { status });
}

function checkPart(answer: WebAnswer, file: IndexedFile, asked: number): void {
  const encoding = answer.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw new ElanusError('Network', `${answer.url}: expected a part of the file, found a part of its ${encoding} form`, { status: answer.status });
  // A page of another origin sees the header only where the server exposes it.
  const said = answer.header('content-range');
  if (said === undefined) return;
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(said) ?? [];
  if (Number(first) !== asked) throw new ElanusError('Network', `${answer.url}: expected the bytes from ${asked}, found ${said}`, { status: answer.status });
  if (total !== '*' && Number(total) !== file.sizeBytes) throw new ElanusError('Corrupt', `${file.key}: expected ${file.sizeBytes} bytes, as the index says, found a file of ${total}`, { file: file.key });
}
