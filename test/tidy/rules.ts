// What every source file keeps to, as far as a machine can tell. Each exception is listed with its reason.

import { codeOf, linesMatching, type Rule, type SourceFile } from './tree.js';

const linesMax = 400;

/** Files beyond `linesMax`: path -> reason. */
const longFiles: Readonly<Record<string, string>> = {};

/** Modules whose runtime demands a default export. */
const defaultExporters: ReadonlySet<string> = new Set([
  'workers/edge.ts', // workerd takes its handlers from there
  'workers/edge-durable.ts',
  'workers/relay.ts',
  'workers/wasm.d.ts', // an imported .wasm file gives its module so
]);

/** This file spells what it looks for. */
const isNotThis = ({ path }: SourceFile): boolean => path !== 'test/tidy/rules.ts';
const isSource = ({ path }: SourceFile): boolean => /\.(ts|mts|tsx|mjs|js|cc|h|inc|cmake|py|sh|css|wgsl|capnp)$/.test(path) && !/^(data|test\/golden)\//.test(path);
const isProduct = ({ path }: SourceFile): boolean => /^(src|workers)\/.*\.ts$/.test(path);

export const lengths: Rule = (tree) =>
  tree
    .filter((file) => isSource(file) && longFiles[file.path] === undefined)
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > linesMax)
    .map(({ path, lines }) => `${path}: ${lines} lines, at most ${linesMax}`);

export const openings: Rule = (tree) =>
  tree
    .filter((file) => isSource(file) && !/^(\/\/|\/\*|#(?!\s*(include|pragma|define|if)))/.test(file.text.replace(/^#!.*\n/, '')))
    .map(({ path }) => `${path}: does not open with a comment that says what it is for`);

const inCode = (file: SourceFile, pattern: RegExp, complaint: string): readonly string[] => linesMatching({ path: file.path, text: codeOf(file.text) }, pattern, complaint);

export const types: Rule = (tree) =>
  tree.filter(isProduct).flatMap((file) => [
    ...inCode(file, /(?:[:<|&(,=]|\bas|\bextends)\s*any\b|\bany\[\]/, 'the type any'),
    ...inCode(file, /(?:^|[\s;])(?:const\s+)?enum\s+\w/, 'an enum'),
    ...(defaultExporters.has(file.path) ? [] : inCode(file, /\bexport\s+default\b|\bas\s+default\b/, 'a default export')),
  ]);

const unfinished = /\b(?:TODO|FIXME|XXX)\b/;

export const finished: Rule = (tree) =>
  tree.filter((file) => isSource(file) && isNotThis(file)).flatMap((file) => [
    ...linesMatching(file, unfinished, 'a note of unfinished work'),
    ...inCode(file, /\b(?:it|test|describe)\.only\s*\(/, 'a test that silences the others'),
  ]);

/** What names a place on one machine, or a server that packages come from: neither holds elsewhere. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[\s"'`(=:<])\/(?:work|root|home|tmp|Users)\//, 'a path of one machine'],
  [/registry\.npmjs|registry\.yarnpkg|pypi\.org|pythonhosted|deb\.debian|crates\.io/, 'the address of a package registry'],
];

export const places: Rule = (tree) =>
  tree.filter(isNotThis).flatMap((file) => elsewhere.flatMap(([pattern, complaint]) => linesMatching(file, pattern, complaint)));

export const architecture: Rule = (tree) => {
  const page = tree.find(({ path }) => path === 'ARCHITECTURE.md');
  if (page === undefined) return ['ARCHITECTURE.md: is missing'];
  const rooms = new Set(tree.flatMap(({ path }) => /^src\/([^/]+)\//.exec(path)?.[1] ?? []));
  return [...rooms].filter((room) => !page.text.includes(`${room}/`) && !page.text.includes(`src/${room}`)).map((room) => `ARCHITECTURE.md: does not mention src/${room}/`);
};
