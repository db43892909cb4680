// The package as its users get it: dist as the build left it. What package.json promises is there, and what runs in
// a browser or at the edge asks for nothing that is not.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = (name: string): string => readFileSync(`${root}dist/${name}`, 'utf8');

/** Every path that a value of `exports`, `imports` or `bin` names. */
function pathsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}

/** Specifiers of a module's static imports; minified, they stand behind one another. */
function staticImportsOf(module: string): readonly string[] {
  return [...dist(module).matchAll(/(?:^|;)\s*(?:import|export)\b[^'"`;()]*?from\s*["']([^"']+)["']|(?:^|;)\s*import\s*["']([^"']+)["']/gm)].map((found) => found[1] ?? found[2] ?? '');
}

/** The same, and of its dynamic imports. */
function importsOf(module: string): readonly string[] {
  return [...staticImportsOf(module), ...[...dist(module).matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)].map((found) => found[1] ?? '')];
}

describe('package.json', () => {
  it('names only files that are there', () => {
    const named = [manifest.exports, manifest.imports, manifest.bin].flatMap(pathsIn);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !existsSync(root + path))).toEqual([]);
  });
});

describe('the command', () => {
  it('is executable by Node and says how it is used', () => {
    expect(dist('cli.js').startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(statSync(`${root}dist/cli.js`).mode & 0o111).toBe(0o111);
    expect(execFileSync(process.execPath, [`${root}dist/cli.js`, '--help'], { encoding: 'utf8' })).toContain('serve');
  });
});

describe('the modules for the web', () => {
  const wasmModules = ['./core.wasm', './filter.wasm'];
  const coreModules = ['./core.wasm', './core-relaxed.wasm'];
  const workerModules = [...wasmModules, './core-relaxed.wasm'];
  /** Chunks of our own, whose names are the bundler's, are there; what else a module imports is listed. */
  const allowed: Readonly<Record<string, readonly string[]>> = {
    'browser.js': [],
    'database-worker.js': [],
    'search-worker.js': [],
    'edge.js': [],
    'edge-worker.js': wasmModules,
    'relay.js': [],
    'relay-worker.js': [],
    'service-worker.js': [],
    'react.js': ['react'],
    'langchain.js': ['@langchain/core/documents', '@langchain/core/utils/math', '@langchain/core/vectorstores'],
  };
  const isChunk = (name: string): boolean => /^\.\/[a-z-]+-[\w-]{8}\.js$/.test(name) && existsSync(`${root}dist/${name}`);

  for (const [module, expected] of Object.entries(allowed)) {
    it(`${module} imports ${expected.length === 0 ? 'nothing' : expected.join(' and ')} but chunks of its own`, () => expect(importsOf(module).filter((name) => !isChunk(name)).sort()).toEqual(expected));
    it(`${module} has a source map`, () => expect(dist(module)).toContain(`//# sourceMappingURL=${module}.map`));
  }
  it.each(['browser.js', 'edge.js'])('%s loads what reads and writes files by need only', (module) => {
    const files = /import\(["']\.\/(files-[\w-]+\.js)["']\)/.exec(dist(module))?.[1] ?? '';
    const parquet = /import\(["']\.\/(parquet-[\w-]+\.js)["']\)/.exec(dist(files))?.[1] ?? '';
    for (const codec of ['zstd', 'brotli']) expect(dist(parquet)).toMatch(new RegExp(`import\\(["']\\./${codec}-[\\w-]+\\.js["']\\)`));
    for (const each of [module, files, parquet]) expect(staticImportsOf(each).filter((name) => /\/(?:zstd|brotli|parquet)-/.test(name))).toEqual([]);
    expect(staticImportsOf(module).filter((name) => name.includes('/files-'))).toEqual([]);
  });
  it('name the worker and the WebAssembly modules as bundlers look for them', () => {
    for (const worker of ['database-worker', 'search-worker']) expect(dist('browser.js')).toMatch(new RegExp(`new Worker\\(new URL\\("\\./${worker}\\.js",\\s*import\\.meta\\.url\\),\\s*\\{\\s*type:\\s*"module"`));
    for (const wasm of workerModules) expect(dist('database-worker.js')).toMatch(new RegExp(`new URL\\("${wasm}",\\s*import\\.meta\\.url\\)`));
    for (const wasm of coreModules) expect(dist('search-worker.js')).toMatch(new RegExp(`new URL\\("${wasm}",\\s*import\\.meta\\.url\\)`));
  });
});

describe('the modules for Node', () => {
  it('import only Node, their own chunks and declared dependencies', () => {
    const known = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
    const packages = Object.keys(manifest.dependencies);
    const strange = ['node.js', 'server.js', 'cli.js'].flatMap(importsOf).filter((name) => !known.has(name) && !name.startsWith('./') && !packages.some((own) => name === own || name.startsWith(`${own}/`)));
    expect(strange).toEqual([]);
  });
  it('are all that a server reads before it listens: no package, in few modules, and less than 250 kB, as the engine comes after', () => {
    const serve = /import\([`"']\.\/(serve-[\w-]+\.js)[`"']\)/.exec(dist('cli.js'))?.[1] ?? '';
    const read = new Set<string>();
    const others: string[] = [];
    const readAll = (module: string): void => {
      if (read.has(module)) return;
      read.add(module);
      for (const [, name = ''] of dist(module).matchAll(/^(?:import|export)\b(?:[^"'`;()=:]*\bfrom)?\s*["']([^"']+)["']/gm)) {
        if (name.startsWith('./')) readAll(name.slice(2));
        else others.push(name);
      }
    };
    readAll(serve);
    expect(others.filter((name) => !builtinModules.includes(name.replace(/^node:/, '')))).toEqual([]);
    expect(others).toContain('node:fs/promises');
    expect([...read].map((module) => dist(module).length).reduce((sum, length) => sum + length, 0)).toBeLessThan(250_000);
    expect(read.size).toBeGreaterThan(3);
    expect(read.size).toBeLessThan(15);
  });
  it('open under the name of the package', () => {
    const program = "const { open } = await import('elanus'); console.log(typeof open);";
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' })).toBe('function\n');
  });
  it('say in a thread of their own that transformers.js is not installed', () => {
    const program = "const { transformersEmbedder } = await import('elanus/embed'); await transformersEmbedder({ model: 'm' }).catch(({ code, message }) => console.log(code, message.includes('@huggingface/transformers')));";
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' })).toBe('StorageFailed true\n');
  });
});

describe('the types', () => {
  const program = `
    import { open, ElanusError, type Hit } from 'elanus';
    export async function titles(vector: Float32Array): Promise<readonly Hit[]> {
      const db = await open('library' OPTIONS);
      const books = await db.collection('books');
      const { hits } = await books.search({ data: vector, limit: 3, outputFields: ['title'] });
      const many: readonly (readonly Hit[])[] = (await books.search({ data: [vector, vector] })).hits;
      // @ts-expect-error a limit is a number
      await books.search({ data: vector, limit: 'three' });
      if (many.length > 2) throw new ElanusError('Closed', 'never');
      return hits;
    }`;
  const runtimes: readonly (readonly [string, string, readonly string[]])[] = [
    ['node', ", { directory: 'data' }", ['ES2023', 'DOM']],
    ['browser', ", { storage: 'opfs' }", ['ES2023', 'DOM']],
    ['workerd', ', {} as Parameters<typeof open>[1]', ['ES2023', 'DOM']],
  ];
  it.each(runtimes)('let a user call the API: %s', (condition, options, lib) => {
    const folder = mkdtempSync(`${root}build/types-`);
    try {
      writeFileSync(`${folder}/main.ts`, program.replace(' OPTIONS', options));
      const compilerOptions = { strict: true, noEmit: true, target: 'ES2022', module: 'ESNext', moduleResolution: 'bundler', customConditions: condition === 'browser' ? [] : [condition], lib, types: [], skipLibCheck: false };
      writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ['main.ts'] }));
      execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', folder], { encoding: 'utf8' });
    } catch (error) {
      expect.fail(String((error as { readonly stdout?: string }).stdout ?? error));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
