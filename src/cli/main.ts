// elanus: the command line. Exit codes: 0 done, 1 failed, 2 the command line is wrong.

import { version } from '../../package.json';
import { UsageError } from './command.js';
import { COMMANDS } from './commands.js';

const HELP = `Usage: elanus COMMAND [options]

Commands:
${Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

  elanus COMMAND --help   options and examples of a command
  elanus --version

Example:
  elanus serve --data ./data
  elanus import books.parquet --data ./data --collection books --create
`;

async function main(words: readonly string[]): Promise<number> {
  const [name = '', ...rest] = words;
  if (name === '--help' || name === '-h' || name === 'help') return print(HELP);
  if (name === '--version' || name === '-v') return print(`${version}\n`);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError(name === '' ? 'a command is missing' : `unknown command or flag "${name}"`);
  return (await command.load()).run(rest);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const wrongUsage = error instanceof UsageError;
  process.stderr.write(`elanus: ${error instanceof Error ? error.message : String(error)}\n${wrongUsage ? 'Try: elanus --help\n' : ''}`);
  process.exitCode = wrongUsage ? 2 : 1;
}
