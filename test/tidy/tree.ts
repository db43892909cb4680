// The tree as the rules see it: the files under version control, with their text. Rules are functions from a tree to
// complaints, so that each can be shown a made-up bad tree too.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export type Tree = readonly SourceFile[];
/** Complaints, each opening with the path it is about. */
export type Rule = (tree: Tree) => readonly string[];

const root = fileURLToPath(new URL('../../', import.meta.url));
const bytesNotText = /\.(gz|png|ico|bin|dv|parquet|wasm|node|svgz|woff2)$/;

/** Every text file that git tracks and that is there. */
export function readTree(): Tree {
  const paths = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter((path) => path !== '' && !bytesNotText.test(path));
  return paths.flatMap((path) => {
    try {
      return [{ path, text: readFileSync(root + path, 'utf8') }];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // removed, not yet committed
      throw error;
    }
  });
}

/** TypeScript with comments and the contents of strings blanked, line for line. */
export function codeOf(text: string): string {
  const quiet = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return text.replace(quiet, (part) => part.replace(/[^\n]/g, ' '));
}

/** Complaints about each line of `text` that `pattern` matches. */
export function linesMatching({ path, text }: SourceFile, pattern: RegExp, complaint: string): readonly string[] {
  return text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${complaint}`] : []));
}
