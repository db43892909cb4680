// The server that the notes go to: a folder, and a collection whose copies may be written to. PORT is 19530 unless it is set.

import { open } from 'elanus';
import { startServer } from 'elanus/server';

const { PORT = '19530', DATA = './data' } = process.env;
const database = await open('default', { directory: DATA });
if (!(await database.hasCollection('notes')))
  await database.createCollection({
    name: 'notes',
    fields: [
      { name: 'id', type: 'VarChar', maxLength: 36, primaryKey: true },
      { name: 'text', type: 'VarChar', maxLength: 4000, enableAnalyzer: true, analyzerParams: { type: 'english' } },
      { name: 'writtenMs', type: 'Int64' },
      { name: 'words', type: 'SparseFloatVector', metric: 'BM25' },
    ],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }],
    properties: { 'sync.push': true },
  });
const server = await startServer({ database, host: '127.0.0.1', port: Number(PORT), log: (level, message) => level !== 'debug' && console.error(message) });
console.log(server.url);
process.once('SIGTERM', () => void server.close().then(() => database.close()));
