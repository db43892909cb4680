// The flow in WebKitGTK, over IndexedDB: the way of browsers without OPFS. By `npm run webkit`.

import { describeFlow } from './flow.js';
import { startWebKit } from './webkit.js';

describeFlow('WebKitGTK', startWebKit, 'idb');
