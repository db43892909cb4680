// `npm run bench`: stdout carries JSON lines and nothing else (`bars`: one table), everything for the eye goes to stderr.
// Exit code 0: a valid run, even if targets are absent; 2: the caller can mend it; 1: a fault of the harness.

import { ann } from './commands/ann.js';
import { bars } from './commands/bars.js';
import { bytes } from './commands/bytes.js';
import { calibration } from './commands/calibration.js';
import { filter } from './commands/filter.js';
import { filtered } from './commands/filtered.js';
import { hybrid } from './commands/hybrid.js';
import { load } from './commands/load.js';
import { overhead } from './commands/overhead.js';
import { paragraphs } from './commands/paragraphs.js';
import { plot } from './commands/plot.js';
import { server } from './commands/server.js';
import { soak } from './commands/soak.js';
import { sparse } from './commands/sparse.js';
import { storage } from './commands/storage.js';
import { sync } from './commands/sync.js';
import { text } from './commands/text.js';
import { log } from './log.js';
import { UsageError } from './usage-error.js';

const COMMANDS: Readonly<Record<string, (argv: readonly string[]) => Promise<void>>> = { ann, plot, filtered, filter, calibration, overhead, bytes, bars, storage, soak, server, load, sparse, text, paragraphs, hybrid, sync };

// What a target's module prints while it loads is no result.
console.log = console.info = console.debug = console.error;
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

const argv = process.argv.slice(2);
try {
  // What is no command is for `ann` to refuse.
  await (COMMANDS[argv[0] ?? ''] ?? ann)(argv);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  log(error.message);
  process.exitCode = 2;
}
