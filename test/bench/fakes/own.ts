// Ours: prints to stdout while it loads, which must not disturb the protocol.

import { fakeTarget } from './fake.js';

console.log('chatter');
export const target = fakeTarget(true, (n) => n);
