// Answer: from the bytes of a request to those of its answer, for one remote procedure. What goes wrong is said in-band,
// by the status of the answer: clients of Milvus ask again, many times, when a call itself fails. What the gate refuses is the
// exception, by statuses of gRPC that clients do not ask again for.

import { TooManyAttempts } from '../access/attempts.js';
import { needOf } from '../access/rule.js';
import { requireLogin, type Caller, type Gate } from '../access/gate.js';
import type { Call } from '../call.js';
import { logOf, requestIdOf, type Runner } from '../requests.js';
import { nextTurn } from '../slices.js';
import { RefusedRequest, STATUS } from '../status.js';
import { CallRefused, CODE } from './http2/code.js';
import { databaseNamed } from './metadata.js';
import type { Message, Procedure } from './protos.js';
import { statusOf, SUCCESS, type StatusMessage } from './status.js';
import type { AnyVerb, ClientMetadata, Codec, Verb } from './verb.js';

const LONG_BYTES = 1024 * 1024;

export interface ServiceOptions extends Pick<Call, 'database' | 'log' | 'services'> {
  readonly gate: Gate;
  readonly requests: Runner;
}

export interface Incoming {
  /** Its bytes, whole; nothing of them is read before. Errors: `RefusedRequest`. */
  message(): Promise<Uint8Array>;
  readonly metadata: ClientMetadata;
  readonly peer: string;
  readonly signal: AbortSignal;
}

/** The bytes of the answer. Errors: `CallRefused` where the gate refuses, or the message is none; nothing else. */
export async function answer(given: ServiceOptions, procedure: Procedure, entry: AnyVerb, incoming: Incoming): Promise<Uint8Array> {
  const { requestId: named, trace } = incoming.metadata;
  const requestId = requestIdOf(named, trace);
  const options = { ...given, log: logOf(given.log, requestId) };
  try {
    return await given.requests.watch({ protocol: 'grpc', verb: procedure.name, requestId }, async (isWhole) => {
      const caller = await given.gate.authenticate(incoming.metadata.credentials, incoming.peer);
      await requireLogin(given.gate, caller, entry.rule, procedure.name);
      const bytes = await incoming.message();
      isWhole();
      return given.requests.run(() => answered(options, procedure, entry, { incoming, bytes, caller }));
    });
  } catch (error) {
    const refused = refusedCall(error);
    if (refused !== undefined) throw refused;
    const { status: failed, unexpected } = statusOf(error);
    if (unexpected) options.log('error', `${procedure.name} failed`, { error });
    return encodeFailure(procedure, failed);
  }
}

/** As Milvus does: who has not logged in, or may not, is told so by the call itself. */
function refusedCall(error: unknown): CallRefused | undefined {
  if (error instanceof CallRefused) return error;
  if (!(error instanceof RefusedRequest)) return undefined;
  if (error.http === 401) return new CallRefused(CODE.unauthenticated, error.message);
  if (error.status === STATUS.notPermitted) return new CallRefused(CODE.permissionDenied, error.message);
  return error instanceof TooManyAttempts ? new CallRefused(CODE.resourceExhausted, error.message) : undefined;
}

/** What is there when it is its turn. */
interface Whole {
  readonly incoming: Incoming;
  readonly bytes: Uint8Array;
  readonly caller: Caller | undefined;
}

async function answered(options: ServiceOptions, { name, request: message, response }: Procedure, entry: AnyVerb, { incoming, bytes, caller }: Whole): Promise<Uint8Array> {
  const { database, gate, log, services } = options;
  const { metadata, peer } = incoming;
  const request = decodeRequest(message, entry as Codec<unknown, object>, bytes);
  // To decode so many takes a turn of its own.
  if (bytes.length > LONG_BYTES) await nextTurn();
  const databaseName = databaseNamed(request, metadata);
  const admission = await gate.admit(caller, needOf<never>(entry.rule, databaseName, request as never, name));
  try {
    if ('unsupported' in entry) throw new RefusedRequest(STATUS.unimplemented, `${name} is not supported: ${entry.unsupported}`);
    const { run, encode, scope = 'database' } = entry as unknown as Verb<object, object>;
    const within = scope === 'server' || databaseName === database.database ? database : await database.useDatabase(databaseName);
    const content = await run({ caller, database: within, databaseName, get signal() { return incoming.signal; }, log, services, peer, metadata }, request);
    const answerBytes = encode === undefined ? response.encode(withStatus(response, content)) : await encode(content);
    admission.ended();
    return answerBytes;
  } catch (error) {
    admission.ended(error);
    throw error;
  }
}

function decodeRequest(message: Message, { decode }: Codec<unknown, object>, bytes: Uint8Array): object {
  try {
    return (decode ?? message.decode)(bytes) as object;
  } catch (error) {
    if (statusOf(error).status.code !== STATUS.unexpected) throw error;
    throw new RefusedRequest(STATUS.invalidParameter, `the request is no valid protobuf message: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function withStatus({ statusMembers }: Message, content: object): object {
  const [member] = statusMembers;
  return member === undefined ? content : { [member]: SUCCESS, ...content };
}

/** Errors: `CallRefused` for a procedure whose answer has no status. */
function encodeFailure({ answersStatus, response, name }: Procedure, failed: StatusMessage): Uint8Array {
  if (answersStatus) return response.encode(failed);
  const [member] = response.statusMembers;
  // Clients could not tell such an answer from one that says nothing went wrong.
  if (member === undefined) throw new CallRefused(CODE.invalidArgument, `${name}: ${failed.reason}`);
  return response.encode({ [member]: failed });
}
