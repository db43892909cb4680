// Conformance of analyzers in workerd.

import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import own from './own-sums.json' with { type: 'json' };
import { readShared } from './shared-data.js';
import tatoeba from './tatoeba60-sums.json' with { type: 'json' };

let worker: Miniflare;

beforeAll(async () => {
  const build = await rolldown({ input: fileURLToPath(new URL('worker.ts', import.meta.url)), platform: 'browser' });
  const { output } = await build.generate({ format: 'es', codeSplitting: false });
  await build.close();
  worker = new Miniflare({ modules: true, script: output[0].code, compatibilityDate: '2026-04-01', cf: false });
});

afterAll(async () => {
  await worker.dispose();
});

test('our own texts have the same terms as in Node', async () => {
  expect(await (await worker.dispatchFetch('http://worker/')).json()).toEqual(own);
});

test('sentences of 112 languages have the same terms as in Node', async ({ skip }) => {
  const lines = readShared('tatoeba60.jsonl.gz');
  if (lines === undefined) return skip('tatoeba60.jsonl.gz, which may not be in the repository, is not beside it');
  expect(await (await worker.dispatchFetch('http://worker/', { method: 'POST', body: lines })).json()).toEqual(tatoeba);
});
