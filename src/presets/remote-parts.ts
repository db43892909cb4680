// RemoteParts: what of the API a page that only searches does without, in one piece. A page with a database of its own has it
// from the opening on, so that nothing of it is missing when the server of the scripts is away.

export { queryBatches, searchBatches } from '../engine/read/batches.js';
export { RemoteSession } from './remote-session.js';
