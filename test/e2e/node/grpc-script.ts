// grpc-script.ts ADDRESS [USER PASSWORD]: Milvus' own client for Node over gRPC, unmodified.

import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { changeRows, makeAndLoad } from './grpc-changes.js';
import { failAndDrop, guardNames, knowNames } from './grpc-names.js';
import { readRows } from './grpc-reads.js';
import { stepsOf, whereOf } from './steps.js';

const client = new MilvusClient({ ...whereOf(), logLevel: 'error' });
await client.connectPromise;
const world = { client, step: stepsOf('MilvusClient'), stored: [] };
await makeAndLoad(world);
await changeRows(world);
await readRows(world);
await knowNames(world);
await guardNames(world);
await failAndDrop(world);
await client.closeConnection();
