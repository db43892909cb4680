// The flow in Firefox, over OPFS.

import { startFirefox } from './firefox.js';
import { describeFlow } from './flow.js';

describeFlow('Firefox', startFirefox, 'opfs');
