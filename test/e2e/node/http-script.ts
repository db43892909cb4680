// http-script.ts ADDRESS [USER PASSWORD]: Milvus' own client for Node over HTTP (REST v2), unmodified.

import { HttpClient } from '@zilliz/milvus2-sdk-node';
import { endHttp, guardHttp, nameHttp } from './http-names.js';
import { changeHttp } from './http-changes.js';
import { readHttp } from './http-reads.js';
import { stepsOf, whereOf } from './steps.js';

const { address, username, password } = whereOf();
const world = { client: new HttpClient({ endpoint: `http://${address}`, username, password }), step: stepsOf('HttpClient'), stored: [] };
await changeHttp(world);
await readHttp(world);
await nameHttp(world);
await guardHttp(world);
await endHttp(world);
