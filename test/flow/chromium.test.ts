// The flow in Chromium, over OPFS.

import { startChromium } from './chromium.js';
import { describeFlow } from './flow.js';

describeFlow('Chromium', startChromium, 'opfs');
