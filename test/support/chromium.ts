// Chromium as the tests of pages drive it: the one of the machine, which asks nobody but this machine.

import { chromium, type Browser } from 'playwright';

export function launchChromium(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'];
  return chromium.launch({ executablePath: process.env['ELANUS_CHROMIUM'] ?? '/usr/bin/chromium', args });
}
