// Chromium, driven by Playwright.

import { launchChromium } from '../support/chromium.js';
import type { DrivenBrowser } from './driven.js';

export async function startChromium(): Promise<DrivenBrowser> {
  const browser = await launchChromium();
  const context = await browser.newContext();
  return {
    open: async (url) => {
      const page = await context.newPage();
      await page.goto(url);
      return {
        evaluate: (work, argument) => page.evaluate(work as never, argument) as never,
        reload: async () => void (await page.reload()),
        close: () => page.close(),
      };
    },
    close: () => browser.close(),
  };
}
