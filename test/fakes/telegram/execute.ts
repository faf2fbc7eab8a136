import { setTimeout as travel } from 'node:timers/promises';
import { present } from '../../../src/domain/shared/present.ts';
import type { CallFault, FaultsWithOutlet } from './faults.ts';
import type { Call, RecordedCall, Service } from './methods/call.ts';
import { OPEN_METHODS, USER_ONLY_METHODS } from './methods/index.ts';
import type { Places } from './places.ts';
import { RpcError, rpcError } from './rpc-error.ts';
import { productSchema } from './tl/client-schemas.ts';
import { encode, encodeResult } from './tl/codec.ts';
import { int, long, longs, object, type TlObject, type TlValue } from './tl/value.ts';
import type { Connection } from './wire/connection.ts';
import { identityOf, type Session } from './wire/session.ts';
import type { User } from './world/state.ts';

/** Takes off what a request is wrapped in (https://core.telegram.org/api/invoking). */
const unwrap = (
  wrapped: TlObject,
  session: Session,
): { readonly request: TlObject; readonly after: readonly bigint[]; readonly opens: boolean; readonly layer?: number } => {
  let request = wrapped;
  let wantsUpdates = true;
  let opens = false;
  let layer: number | undefined;
  const after: bigint[] = [];
  for (;;) {
    if (request._ === 'invokeWithLayer') layer = int(request, 'layer');
    else if (request._ === 'invokeWithoutUpdates') wantsUpdates = false;
    else if (request._ === 'invokeAfterMsg') after.push(long(request, 'msgId'));
    else if (request._ === 'invokeAfterMsgs') after.push(...longs(request, 'msgIds'));
    else if (request._ === 'initConnection') opens = true;
    else break;
    request = object(request, 'query');
  }
  session.subscribed ||= wantsUpdates;
  return { request, after, opens, ...present({ layer }) };
};

const accountOf = ({ key, service }: Call): User | undefined => service.world.state.users.get(key.userId ?? 0);

/** The error of every call of the account or key, including the opening of a connection. */
const refusalOf = (call: Call): string | undefined => call.key.refusedWith ?? accountOf(call)?.refusedWith;

const invoke = (call: Call, problem: (what: string) => void): TlValue | Promise<TlValue> => {
  const { _: method } = call.request;
  const open = OPEN_METHODS[method];
  if (open) return open(call);
  const run = USER_ONLY_METHODS[method];
  if (!run) {
    problem(`no method ${method}`);
    throw rpcError('INPUT_METHOD_INVALID');
  }
  const me = accountOf(call);
  if (!me) throw rpcError('AUTH_KEY_UNREGISTERED');
  return run({ ...call, me });
};

export interface Execution {
  readonly service: Service;
  readonly faults: FaultsWithOutlet;
  readonly places: Places;
  problem(what: string, error?: unknown): void;
}

type Answer = { readonly body: Buffer; readonly succeeded: boolean } | undefined;

/** Applies the fault at this point. Returns what happened if no reply is to be sent. */
const strike = async (
  fault: CallFault | undefined,
  when: 'before' | 'after',
  connection: Connection,
): Promise<'cut' | 'swallowed' | undefined> => {
  if (fault === undefined || fault.kind === 'error' || fault.when !== when) return undefined;
  if (fault.kind === 'hold') {
    fault.onHeld();
    await fault.released;
    return undefined;
  }
  if (fault.kind === 'cut') connection.cut();
  return fault.kind === 'cut' ? 'cut' : 'swallowed';
};

/** Runs a client's request, with the faults that are planned for it. */
export const makeExecute = ({ service, faults, places, problem }: Execution) => {
  const refusal = (error: RpcError): Answer => ({
    body: encode({ _: 'rpc_error', errorCode: error.code, errorMessage: error.message }),
    succeeded: false,
  });

  const answerTo = async (
    call: Call,
    session: Session,
    after: readonly bigint[],
    fault: CallFault | undefined,
  ): Promise<{ answer: Answer; outcome: string }> => {
    try {
      for (const messageId of after) if ((await session.requests.get(messageId)?.succeeded) === false) throw rpcError('MSG_WAIT_FAILED');
      const struckWith = fault?.kind === 'error' ? fault.error : undefined;
      const error = struckWith ?? refusalOf(call) ?? faults.flood(call.request._, call.key.userId ?? 0);
      if (error !== undefined) throw rpcError(error);
      const result = await invoke(call, problem);
      return { answer: { body: encodeResult(productSchema(), call.request._, result), succeeded: true }, outcome: 'ok' };
    } catch (error) {
      if (!(error instanceof RpcError)) problem(`${call.request._} failed`, error);
      const known = error instanceof RpcError ? error : rpcError('INTERNAL');
      return { answer: refusal(known), outcome: known.message };
    }
  };

  return async (wrapped: TlObject, _messageId: bigint, session: Session, connection: Connection): Promise<Answer> => {
    const { request, after, opens, layer } = unwrap(wrapped, session);
    if (layer !== undefined && layer !== productSchema().layer)
      problem(`a client of layer ${layer}: ${productSchema().layer} is spoken here`);
    const key = identityOf(session.key);
    if (opens && !places.enter(key, connection)) key.refusedWith = 'AUTH_KEY_DUPLICATED';
    const recorded: RecordedCall = {
      method: request._,
      request,
      outcome: 'pending',
      ...present({ userId: key.userId }),
    };
    const fault = (opens ? faults.take('initConnection') : undefined) ?? faults.take(request._);
    service.recorders.calls.record(recorded);
    const end = (outcome: string): void => {
      recorded.outcome = outcome;
      service.recorders.calls.changed();
    };
    if (faults.roundTripMs > 0) await travel(faults.roundTripMs);
    const struck = await strike(fault, 'before', connection);
    if (struck) {
      end(struck);
      return undefined;
    }
    const { answer, outcome } = await answerTo({ request, session, key, service }, session, after, fault);
    const lost = await strike(fault, 'after', connection);
    end(outcome);
    if (lost === 'swallowed') return undefined;
    return answer;
  };
};
