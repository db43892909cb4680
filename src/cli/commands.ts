// Commands: the table of all there are, in the order of the help. The completion is made of it.

import { audit } from './audit.js';
import { backup } from './backup.js';
import { bench } from './bench.js';
import type { Command } from './command.js';
import { compact } from './compact.js';
import { completionCommand } from './completion.js';
import { exportCommand } from './export.js';
import { importCommand } from './import.js';
import { publish } from './publish.js';
import { restore } from './restore.js';
import { search } from './search.js';
import { serve } from './serve.js';
import { stats } from './stats.js';
import { user } from './user.js';
import { verify } from './verify.js';

export const COMMANDS: Readonly<Record<string, Command>> = {
  serve,
  import: importCommand,
  export: exportCommand,
  search,
  stats,
  compact,
  verify,
  backup,
  restore,
  user,
  audit,
  publish,
  bench,
  completion: completionCommand(() => COMMANDS),
};
