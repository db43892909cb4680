// Code: how a call itself ends, as gRPC numbers it (`grpc-status`), apart from the statuses that Milvus' answers carry within.

import { RefusedRequest, STATUS } from '../../status.js';

export const CODE = { ok: 0, cancelled: 1, invalidArgument: 3, deadlineExceeded: 4, permissionDenied: 7, resourceExhausted: 8, unimplemented: 12, internal: 13, unauthenticated: 16 } as const;

export type Code = (typeof CODE)[keyof typeof CODE];

/** The call itself fails. Clients of Milvus ask again, many times, for some of the codes. */
export class CallRefused extends RefusedRequest {
  override readonly name = 'CallRefused';

  constructor(
    readonly code: Exclude<Code, typeof CODE.ok>,
    message: string,
  ) {
    super(STATUS.malformedRequest, message);
  }
}
