// A process that opens a data directory, leaves a half-written file as a crash would, says so, and waits to be killed.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFsStorage } from '../../src/storage/fs.js';

const directory = process.argv[2] ?? '';
const storage = await openFsStorage(directory);
await storage.create('kept/whole', new TextEncoder().encode('whole'));
const log = await storage.openLog('kept/log');
await log.append(new TextEncoder().encode('synced'));
await log.sync();
await mkdir(join(directory, 'kept'), { recursive: true });
await writeFile(join(directory, 'kept', `~tmp-${process.pid}-7`), 'half');
process.stdout.write('ready\n');
setInterval(() => {}, 1_000);
