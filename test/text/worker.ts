// A worker for workerd that answers with the sums of the texts it is sent, or of our own.

import { groupsOf, ownSums, termSums } from './conformance.js';

const handler = {
  async fetch(request: Request): Promise<Response> {
    return Response.json(request.method === 'POST' ? await termSums(groupsOf(await request.text())) : await ownSums());
  },
};

export { handler as default };
