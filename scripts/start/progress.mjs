// A progress bar: redrawn in place on a terminal, silent elsewhere.

import { isTerminal, sayInPlace } from '../lib/log.mjs';

const width = 30;

export function showProgress(done, total) {
  if (!isTerminal()) return;
  const filled = Math.round((width * done) / total);
  sayInPlace(done < total ? `  ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done} of ${total} images` : '');
}
