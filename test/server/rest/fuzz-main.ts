// npm run rest:fuzz -- --examples N --seed S --only REGEX: the fuzz test of the REST interface, for longer.

import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';

const { values } = parseArgs({ options: { examples: { type: 'string', default: '200' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) }, only: { type: 'string' } } });
const seed = Number(values.seed);
process.stdout.write(`seed ${seed}\n`);
const { code, output, faults, answered, codes } = await fuzz({ seed, examples: Number(values.examples), ...(values.only === undefined ? {} : { only: values.only }) });
process.stdout.write(output);
process.stdout.write(`answers by code: ${JSON.stringify(codes)}\n`);
for (const fault of faults) process.stdout.write(`fault: ${fault}\n`);
process.exitCode = code === 0 && faults.length === 0 && answered === 0 ? 0 : 1;
