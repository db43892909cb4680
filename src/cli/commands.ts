// Commands: the table of all there are, in the order of the help. The completion is made of it. Each is loaded when it is called, so
// that none waits for the modules of another.

import type { DescribedCommand, NamedCommand } from './command.js';

export const COMMANDS: Readonly<Record<string, NamedCommand>> = {
  serve: { summary: 'serve databases over gRPC and REST', load: async () => (await import('./serve.js')).serve },
  import: { summary: 'add the rows of a file to a collection', load: async () => (await import('./import.js')).importCommand },
  export: { summary: 'write the rows of a collection to a file', load: async () => (await import('./export.js')).exportCommand },
  search: { summary: 'find the rows nearest to a vector, a text or a row', load: async () => (await import('./search.js')).search },
  stats: { summary: 'tell what a database has and what it takes', load: async () => (await import('./stats.js')).stats },
  compact: { summary: 'merge segments and drop what was deleted', load: async () => (await import('./compact.js')).compact },
  verify: { summary: 'check every checksum of every file', load: async () => (await import('./verify.js')).verify },
  backup: { summary: 'back up all databases, also of a running server', load: async () => (await import('./backup.js')).backup },
  restore: { summary: 'put a backup into a data directory', load: async () => (await import('./restore.js')).restore },
  user: { summary: 'manage users, roles and API keys', load: async () => (await import('./user.js')).user },
  audit: { summary: 'verify and show the audit log', load: async () => (await import('./audit.js')).audit },
  upload: { summary: 'send a collection to a server as whole segments', load: async () => (await import('./upload.js')).upload },
  publish: { summary: 'make a database readable from a bucket, by relays, or over plain HTTP', load: async () => (await import('./publish.js')).publish },
  bench: { summary: 'measure searches of a collection', load: async () => (await import('./bench.js')).bench },
  completion: { summary: 'print what makes a shell complete commands and flags', load: async () => (await import('./completion.js')).completionCommand(loadCommands) },
};

/** All of them, by their names. */
export async function loadCommands(): Promise<Readonly<Record<string, DescribedCommand>>> {
  return Object.fromEntries(await Promise.all(Object.entries(COMMANDS).map(async ([name, { summary, load }]) => [name, { summary, ...(await load()) }] as const)));
}
