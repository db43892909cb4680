// Results: the JSON lines of parts, kept in a folder, so that a long run can be cut off and taken up again, and read back
// by what the lines say.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetLine } from '../report.js';
import { inRepository } from '../repository.js';
import type { Part } from './parts.js';

/** Lines of a part, or why there are none. */
export type Lines = readonly Readonly<Record<string, unknown>>[] | { readonly failed: string };
export type Results = ReadonlyMap<string, Lines>;

export type Spread = readonly [number, number, number];

/**
 * Runs the parts, but those whose lines the folder holds since `keepSinceMs` (of 1970), if that is given. A part that fails
 * is told of, and the others go on.
 */
export async function runParts(parts: readonly Part[], folder: string, keepSinceMs: number | undefined, log: (line: string) => void): Promise<Results> {
  mkdirSync(folder, { recursive: true });
  const results = new Map<string, Lines>();
  for (const [at, { name, argv }] of parts.entries()) {
    const path = join(folder, `${name}.jsonl`);
    if (keepSinceMs !== undefined && existsSync(path) && statSync(path).mtimeMs >= keepSinceMs) {
      log(`${name}: kept`);
    } else {
      log(`part ${at + 1} of ${parts.length}, ${name}: ${argv.join(' ')}`);
      const { status, stdout } = await run(argv);
      if (status !== 0) {
        results.set(name, { failed: `${name} ended with code ${status}` });
        continue;
      }
      // Whole or not at all.
      writeFileSync(`${path}.part`, stdout);
      renameSync(`${path}.part`, path);
    }
    results.set(name, linesOf(readFileSync(path, 'utf8')));
  }
  return results;
}

function run(argv: readonly string[]): Promise<{ readonly status: number; readonly stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', inRepository('bench/main.ts'), ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = (): void => void child.kill();
    process.once('exit', end);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', end);
      resolve({ status: code ?? 1, stdout });
    });
  });
}

export function linesOf(text: string): Lines {
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** What a figure is, or why there is none. */
export type Found<T> = { readonly value: T } | { readonly missing: string };

export function lineWhere<T>(results: Results, part: string, is: (line: Readonly<Record<string, unknown>>) => boolean): Found<T> {
  const lines = results.get(part);
  if (lines === undefined) return { missing: `${part} was not run` };
  if ('failed' in lines) return { missing: lines.failed };
  const found = lines.find(is);
  return found === undefined ? { missing: `${part} has no such line` } : { value: found as T };
}

/** The ratio of a's speed to b's, whichever way round it was printed. */
export function ratioOf(results: Results, part: string, a: string, b: string): Found<Spread> {
  const straight = lineWhere<{ readonly qpsCpu: Spread }>(results, part, (line) => line['ratio'] === `${a}/${b}`);
  if ('value' in straight) return { value: straight.value.qpsCpu };
  const turned = lineWhere<{ readonly qpsCpu: Spread }>(results, part, (line) => line['ratio'] === `${b}/${a}`);
  if ('value' in turned) return { value: turned.value.qpsCpu.map((x) => 1 / x).reverse() as unknown as Spread };
  for (const name of [a, b]) {
    const line = targetOf(results, part, name);
    if ('missing' in line) return { missing: line.missing };
    const reason = line.value.error ?? line.value.note;
    if (reason !== undefined) return { missing: `${name}: ${reason}` };
  }
  return straight;
}

export function targetOf(results: Results, part: string, name: string): Found<TargetLine> {
  return lineWhere<TargetLine>(results, part, (line) => line['target'] === name);
}
