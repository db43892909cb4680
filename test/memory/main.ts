// The large version of the memory test, for `npm run memory`. Prints its report as JSON; ends with 1 if the limit was passed,
// or the answers were not as good as asked for.

import { parseArgs } from 'node:util';
import { searchWithin } from './budget.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '300000' },
    dim: { type: 'string', default: '768' },
    limit: { type: 'string', default: '256' },
    queries: { type: 'string', default: '30' },
  },
});
const limitMB = Number(values.limit);
const report = await searchWithin({ rows: Number(values.rows), dim: Number(values.dim), limitMB, queries: Number(values.queries), say: (text) => void process.stderr.write(`${text}\n`) });
process.stdout.write(`${JSON.stringify({ limitMB, ...report })}\n`);
process.exitCode = report.coreMB <= limitMB && report.processMB <= limitMB && report.recall >= 0.9 && report.exact === report.exactAsked ? 0 : 1;
