// The Node.js that runs the scripts is the one that everything is built and tested with.

import { StepError } from '../lib/run.mjs';

const majorMin = 20;

/** Returns a note for the step's line. Errors: StepError if this Node.js is too old. */
export function checkNode() {
  const { node } = process.versions;
  if (Number.parseInt(node, 10) >= majorMin) return node;
  throw new StepError(`Node.js ${majorMin} or newer is needed; this is ${node}. Install a newer one and run this command again.`);
}
