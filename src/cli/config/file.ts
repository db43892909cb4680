// A configuration file: YAML, of which JSON is a part, with the settings by the names of their flags. A name that is none
// is refused, as a setting that is misspelt would otherwise be the default, unnoticed.

import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { UsageError } from '../command.js';
import { OPTION_NAMES } from './options.js';

const BYTES_MAX = 1024 * 1024;

/** Values by name, not yet read. Errors: `UsageError`, naming the file and what is wrong in it. */
export async function readConfigFile(path: string): Promise<ReadonlyMap<string, unknown>> {
  const value = parse(path, await readText(path));
  if (value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) throw new UsageError(`${path}: expected settings by name, like "port: 19530"`);
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  for (const [name] of entries) if (!(OPTION_NAMES as readonly string[]).includes(name)) throw new UsageError(`${path}: there is no setting "${name}"${near(name)}`);
  return new Map(entries);
}

async function readText(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > BYTES_MAX) throw new UsageError(`${path}: expected at most ${BYTES_MAX} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--config: ${error instanceof Error ? error.message : String(error)}`);
  }
}

// Aliases are refused: a few of them make a text of any size.
function parse(path: string, text: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true, stringKeys: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw new UsageError(`${path}: ${problem.message}`);
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The name that was probably meant, if one has the same letters but for its dashes, underscores and capitals. */
function near(name: string): string {
  const plain = (given: string): string => given.toLowerCase().replaceAll(/[-_]/g, '');
  const meant = OPTION_NAMES.find((known) => plain(known) === plain(name));
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}
