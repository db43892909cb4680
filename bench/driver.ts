// The process of a target written in TypeScript: `driver.ts MODULE` loads the module's `target` and answers the protocol.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { isBinary } from './distance.js';
import { measureRun } from './measure.js';
import { encodeIds, type BuildAnswer, type Request, type RunAnswer, type TuneAnswer, type VectorFile } from './protocol.js';
import { serve } from './serve.js';
import type { NodeTarget, Searcher, Task, Vectors } from './target.js';

const { target } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as { readonly target: NodeTarget };
let searchers: readonly Searcher[] = [];
let task: Task | undefined;
const settings = new Map<number, number>();

await serve(async (request: Exclude<Request, { readonly op: 'close' }>): Promise<BuildAnswer | TuneAnswer | RunAnswer> => {
  if (request.op === 'build') return build(request);
  const searcher = searchers[request.variant];
  if (searcher === undefined || task === undefined) throw new Error(`no variant ${request.variant} is built`);
  await turn(request.variant, searcher, request.knob);
  const { answers, counts, ...measured } = await measureRun(searcher, task.queries.n, request.op === 'run' ? request.secondsMin : 0);
  const told = { ids: encodeIds(gather(searcher, answers, task.k)), ...(counts === undefined ? {} : { counts }), ...promised(searcher, answers) };
  return request.op === 'run' ? { ...measured, ...told } : told;
});

/** Leaves a knob alone that stands right: for some, turning it means loading the index again, with cold caches. */
async function turn(variant: number, searcher: Searcher, value: number | null): Promise<void> {
  if (value === null || settings.get(variant) === value) return;
  await searcher.set?.(value);
  settings.set(variant, value);
}

async function build(request: Extract<Request, { readonly op: 'build' }>): Promise<BuildAnswer> {
  const binary = isBinary(request.metric);
  task = { ...request, base: load(request.base, binary), queries: load(request.queries, binary) };
  searchers = await target.open(task);
  const variants = searchers.map(({ index, params, knob, buildS, fileBytes, ramBytes }) => ({ index, params, ...(knob === undefined ? {} : { knob }), buildS, fileBytes, ramBytes }));
  return { variants };
}

function load({ path, n, d }: VectorFile, binary: boolean): Vectors {
  const { buffer, byteOffset, length } = readFileSync(path);
  const bytes = new Uint8Array(buffer, byteOffset, length);
  return { n, d, values: binary ? bytes : new Float32Array(bytes.slice().buffer) };
}

function gather(searcher: Searcher, answers: readonly unknown[], k: number): Int32Array {
  const all = new Int32Array(answers.length * k).fill(-1);
  answers.forEach((found, q) => {
    const ids = searcher.ids(found);
    for (let i = 0; i < Math.min(k, ids.length); i++) all[q * k + i] = ids[i] as number;
  });
  return all;
}

function promised({ promised }: Searcher, answers: readonly unknown[]): { readonly promised?: number } {
  return promised === undefined ? {} : { promised: answers.reduce<number>((sum, answer) => sum + promised(answer), 0) / answers.length };
}
