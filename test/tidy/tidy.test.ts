// The tree keeps to its own rules; and each rule is shown a tree that breaks it, so that none can pass by accident.

import { describe, expect, it } from 'vitest';
import { nativeIncludeFloors, typeScriptFloors } from './floors.js';
import { architecture, finished, lengths, openings, places, types } from './rules.js';
import { codeOf, readTree, type Rule } from './tree.js';

const tree = readTree();
const file = (path: string, text: string) => ({ path, text });
const complaints = (rule: Rule, path: string, text: string): readonly string[] => rule([file(path, text)]);

const rules: Readonly<Record<string, Rule>> = {
  'TypeScript imports downward only': typeScriptFloors,
  'C++ includes downward only': nativeIncludeFloors,
  'no source file is too long': lengths,
  'every source file opens by saying what it is for': openings,
  'the product has no any, no enum and no default export': types,
  'nothing is marked as unfinished and no test silences others': finished,
  'no path of a machine and no registry is named': places,
  'ARCHITECTURE.md mentions every room': architecture,
};

describe('the tree', () => {
  it('is read from version control', () => {
    expect(tree.map(({ path }) => path)).toContain('src/model/errors.ts');
  });
  for (const [claim, rule] of Object.entries(rules)) {
    it(claim, () => {
      const found = rule(tree);
      if (found.length > 0) expect.fail(found.join('\n'));
    });
  }
});

describe('the floors', () => {
  const imports = (path: string, specifier: string) => complaints(typeScriptFloors, path, `import { a } from '${specifier}';\n`);

  it('let a file import its own room, floors below, packages and the package file', () => {
    expect(imports('src/engine/a.ts', './b.js')).toEqual([]);
    expect(imports('src/engine/a.ts', '../model/b.js')).toEqual([]);
    expect(imports('src/storage/fs.ts', 'node:fs')).toEqual([]);
    expect(imports('src/server/app.ts', '../../package.json')).toEqual([]);
  });
  it('refuse an import from above, from a neighbour and from outside the plan', () => {
    expect(imports('src/model/a.ts', '../engine/b.js')).toEqual(['src/model/a.ts: imports src/engine/b.ts, a floor above of src/model']);
    expect(imports('src/query/a.ts', '../core/b.js')).toEqual(['src/query/a.ts: imports src/core/b.ts, a neighbour of src/query']);
    expect(imports('src/engine/a.ts', '../attic/b.js')).toHaveLength(1);
    expect(imports('src/attic/a.ts', '../model/b.js')).toHaveLength(1);
  });
  it('see every way to import', () => {
    const ways = ["import '../engine/b.js'", "export * from '../engine/b.js'", "const b = await import('../engine/b.js')", "import type {\n  B,\n} from '../engine/b.js'", "type B = import('../engine/b.js').B"];
    for (const way of ways) expect(complaints(typeScriptFloors, 'src/model/a.ts', way), way).toHaveLength(1);
  });
  it('refuse an upward include in the core and let the public header be included', () => {
    expect(complaints(nativeIncludeFloors, 'native/src/index/a.cc', '#include "elanus.h"\n#include "kernels/k.h"\n')).toEqual([]);
    expect(complaints(nativeIncludeFloors, 'native/src/base/a.cc', '#include "kernels/k.h"\n')).toHaveLength(1);
    expect(complaints(nativeIncludeFloors, 'native/src/base/a.cc', '#include "../kernels/k.h"\n')).toHaveLength(1);
    expect(complaints(nativeIncludeFloors, 'native/src/index/a.cc', '#include "sparse/s.h"\n')).toHaveLength(1);
  });
});

describe('the rules', () => {
  it('refuse a long file, but not one of data', () => {
    const long = '// A file.\n'.repeat(401);
    expect(complaints(lengths, 'src/a.ts', long)).toEqual(['src/a.ts: 401 lines, at most 400']);
    expect(complaints(lengths, 'src/a.ts', '// A file.\n'.repeat(400))).toEqual([]);
    expect(complaints(lengths, 'package-lock.json', long)).toEqual([]);
  });
  it('refuse a file that opens with code', () => {
    expect(complaints(openings, 'src/a.ts', "import './b.js';\n")).toHaveLength(1);
    expect(complaints(openings, 'native/src/a.h', '#include <a>\n')).toHaveLength(1);
    expect(complaints(openings, 'scripts/a.sh', '#!/bin/sh\nset -e\n')).toHaveLength(1);
    expect(complaints(openings, 'scripts/a.sh', '#!/bin/sh\n# What it is for.\n')).toEqual([]);
  });
  it('refuse any, enums and default exports where they are code', () => {
    for (const bad of ['let a: any;', 'f(a as any);', 'let a: Map<string, any>;', 'let a: any[];', 'enum A { B }', 'export const enum A { B }', 'export default 1;']) {
      expect(complaints(types, 'src/a.ts', bad), bad).toHaveLength(1);
    }
    expect(complaints(types, 'src/a.ts', "// any\nconst a = 'enum A'; const any = 1; f(a, 'x as any');\n")).toEqual([]);
    expect(complaints(types, 'workers/edge.ts', 'export default {};')).toEqual([]);
  });
  it('refuse notes of unfinished work and tests that silence others', () => {
    expect(complaints(finished, 'src/a.ts', `// TO${'DO'}: later\n`)).toHaveLength(1);
    expect(complaints(finished, 'native/src/a.cc', `/* FIX${'ME'} */\n`)).toHaveLength(1);
    expect(complaints(finished, 'test/a.test.ts', `it.${'only'}("x", f);\n`)).toHaveLength(1);
  });
  it('refuse paths of a machine and addresses of registries', () => {
    expect(complaints(places, 'docs/a.md', `see ${'/ho' + 'me'}/me/notes\n`)).toHaveLength(1);
    expect(complaints(places, 'scripts/a.mjs', `const a = '${'/tm' + 'p'}/a';\n`)).toHaveLength(1);
    expect(complaints(places, 'package-lock.json', `"resolved": "https://${['registry', 'npmjs', 'org'].join('.')}/a"\n`)).toHaveLength(1);
    expect(complaints(places, 'docs/a.md', 'a framework/tmp/x and https://example.org/work/a\n')).toEqual([]);
  });
  it('refuse an ARCHITECTURE.md that leaves a room out', () => {
    expect(architecture([file('src/attic/a.ts', ''), file('ARCHITECTURE.md', '`model/` the words\n')])).toEqual(['ARCHITECTURE.md: does not mention src/attic/']);
    expect(architecture([file('src/model/a.ts', ''), file('ARCHITECTURE.md', '`model/` the words\n')])).toEqual([]);
  });
});

describe('reading code', () => {
  it('blanks comments and strings and keeps the lines', () => {
    expect(codeOf("a; // any\n/* any\n */ b; 'any' + `any`")).toBe('a;       \n      \n    b;       +      ');
  });
});
