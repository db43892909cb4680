// Resolve: the settings of a server, each from its flag, else its variable, else the file, else its default.

import { UsageError } from '../command.js';
import { CONFIG, OPTION_NAMES, OPTIONS, variableOf, type OptionName, type Settings } from './options.js';
import type { Option } from './option.js';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Source = 'flag' | 'environment' | 'file' | 'default';

export interface Resolved {
  readonly settings: Settings;
  readonly sources: Readonly<Record<OptionName, Source>>;
  /** Variables that begin as ours do and are none. */
  readonly unknownVariables: readonly string[];
}

type FlagValue = string | boolean | (string | boolean)[] | undefined;

/** Names that are read elsewhere. */
const OTHER_VARIABLES = ['config', 'url', 'token', 'chromium'].map(variableOf);

const entryOf = (name: OptionName): Option<unknown> => OPTIONS[name];

/** Of `parseArgs`, with `--no-NAME` for what is a switch. */
export function serveFlags(): Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean }>> {
  return Object.fromEntries(OPTION_NAMES.map((name) => {
    const { operand, isList } = entryOf(name);
    return [name, operand === '' ? { type: 'boolean' } : { type: 'string', ...(isList === true ? { multiple: true } : {}) }];
  }));
}

/** Errors: `UsageError`, naming the flag, the variable, or the file and its key. */
export async function resolveSettings(flags: Readonly<Record<string, FlagValue>>, environment: Environment): Promise<Resolved> {
  const path = flags[CONFIG.name] ?? environment[variableOf(CONFIG.name)];
  const file = typeof path === 'string' && path !== '' ? { path, values: await (await import('./file.js')).readConfigFile(path) } : undefined;
  const settings: Record<string, unknown> = {};
  const sources: Record<string, Source> = {};
  for (const name of OPTION_NAMES) [settings[name], sources[name]] = resolve(name, flags[name], environment[variableOf(name)], file);
  const known = new Set([...OPTION_NAMES.map(variableOf), ...OTHER_VARIABLES]);
  const unknownVariables = Object.keys(environment).filter((name) => name.startsWith(variableOf('')) && !known.has(name)).sort();
  // The loop has filled every name with what its own entry read.
  return { settings: settings as Settings, sources: sources as Record<OptionName, Source>, unknownVariables };
}

function resolve(name: OptionName, flag: FlagValue, variable: string | undefined, file: { readonly path: string; readonly values: ReadonlyMap<string, unknown> } | undefined): readonly [unknown, Source] {
  const option = entryOf(name);
  if (flag !== undefined) return [option.read(flag, `--${name}`), 'flag'];
  if (variable !== undefined && variable !== '') return [option.read(variable, variableOf(name)), 'environment'];
  const given = file?.values.get(name);
  if (file !== undefined && given !== undefined && given !== null) return [option.read(given, `${file.path}: ${name}`), 'file'];
  return [option.default, 'default'];
}

/** What goes together must be there together. Errors: `UsageError`. */
export function checkTogether(settings: Settings): Settings & { readonly data: string } {
  const { data } = settings;
  if (data === undefined) throw new UsageError(`--data DIR is missing: where the databases are, or shall be (or ${variableOf('data')}, or "data" in a file)`);
  if ((settings['tls-cert'] === undefined) !== (settings['tls-key'] === undefined)) throw new UsageError('--tls-cert and --tls-key: expected both or neither');
  if (settings['tls-client-ca'] !== undefined && settings['tls-cert'] === undefined) throw new UsageError('--tls-client-ca: expected --tls-cert and --tls-key beside it');
  return { ...settings, data };
}

