// Floors: who may import whom. A file imports from its own room and from floors below, never from a floor above and
// never from a neighbour on its own floor. TypeScript by import specifiers, C++ by quoted includes.

import { posix } from 'node:path';
import type { Rule, SourceFile } from './tree.js';

/** From the top; rooms on one line are neighbours. Tests look into everything, the command line starts the server. */
const floors: readonly (readonly string[])[] = [
  ['test'],
  ['demo', 'console', 'bench'],
  ['src/cli'],
  ['workers', 'src/server'],
  ['src/presets'],
  ['src/sync', 'src/reader', 'src/io', 'src/embed', 'src/bindings'],
  ['src/engine'],
  ['src/query', 'src/text', 'src/core', 'src/storage', 'src/platform'],
  ['src/ports'],
  ['src/format'],
  ['src/model'],
];

const nativeFloors: readonly (readonly string[])[] = [['abi'], ['index', 'sparse'], ['quant'], ['kernels'], ['base']].map((floor) => floor.map((room) => `native/src/${room}`));

/** The package's list of public names: types and values of many floors, and no code of its own. */
const exempt = 'src/index.ts';
const open: ReadonlySet<string> = new Set(['package.json', 'src/index.ts']);

interface Place {
  readonly room: string;
  readonly floor: number;
}

function placeOf(path: string, plan: readonly (readonly string[])[]): Place | undefined {
  for (const [floor, rooms] of plan.entries()) {
    const room = rooms.find((candidate) => path.startsWith(`${candidate}/`));
    if (room !== undefined) return { room, floor };
  }
  return undefined;
}

function complaint(file: string, target: string, plan: readonly (readonly string[])[]): string | undefined {
  const from = placeOf(file, plan);
  const to = placeOf(target, plan);
  if (from === undefined) return `${file}: is in no room of the plan, yet imports ${target}`;
  if (to === undefined) return `${file}: imports ${target}, which is in no room of the plan`;
  if (from.room === to.room || to.floor > from.floor) return undefined;
  const where = to.floor === from.floor ? 'a neighbour' : 'a floor above';
  return `${file}: imports ${target}, ${where} of ${from.room}`;
}

const importing = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;

/** Relative imports of a TypeScript file, as paths from the root. */
function importsOf({ path, text }: SourceFile): readonly string[] {
  const specifiers = [...text.matchAll(importing)].map((found) => found[1] ?? found[2] ?? '');
  return specifiers.filter((name) => name.startsWith('.')).map((name) => posix.normalize(posix.join(posix.dirname(path), name.replace(/\.js$/, '.ts'))));
}

const isTypeScript = (path: string): boolean => /^(src|workers|demo|console|test|bench)\/.*\.tsx?$/.test(path);

export const typeScriptFloors: Rule = (tree) =>
  tree
    .filter(({ path }) => isTypeScript(path) && path !== exempt)
    .flatMap((file) => importsOf(file).filter((target) => !open.has(target)).map((target) => complaint(file.path, target, floors)))
    .filter((found) => found !== undefined);

/** Includes are from native/src or beside the file; the public header may be included by every floor. */
function includesOf({ path, text }: SourceFile): readonly string[] {
  return [...text.matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)]
    .map((found) => found[1] ?? '')
    .filter((name) => name !== 'elanus.h')
    .map((name) => (name.includes('/') && !name.startsWith('.') ? `native/src/${name}` : posix.normalize(posix.join(posix.dirname(path), name))));
}

export const nativeIncludeFloors: Rule = (tree) =>
  tree
    .filter(({ path }) => /^native\/src\/.*\.(cc|h|inc)$/.test(path))
    .flatMap((file) => includesOf(file).map((target) => complaint(file.path, target, nativeFloors)))
    .filter((found) => found !== undefined);
