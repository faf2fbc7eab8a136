import type { LeasedPromise, PromiseId } from '../../../src/domain/index.ts';
import { PortError, type PromiseRequest } from '../../../src/ports/index.ts';
import { telegramChat, telegramMessage, telegramUser, workResult } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { makeProcess, makeWorld, type ProcessOptions, settle } from '../support/harness.ts';

const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501) },
};
export const busy = new PortError('unavailable', 'the table is busy', { retryable: true });

/** A worker whose runs are held, each under its promise's description, until they are released or made to fail. */
export const makeHeldWorker = (options: ProcessOptions = {}, world = makeWorld()) => {
  const gate = makeGate<string>();
  const begun: string[] = [];
  const execute = async (promise: LeasedPromise, { signal }: { signal: AbortSignal }) => {
    begun.push(`${promise.description} ${promise.attempts}`);
    await gate.hold(promise.description, signal);
    return workResult(`${promise.description} done`);
  };
  const process = makeProcess(world, { executor: { execute }, ...options });
  const make = async (description: string, request: Partial<PromiseRequest> = {}): Promise<PromiseId> => {
    const result = await process.make({ description, ...request }, origin);
    if (!result.ok) throw new Error(result.error.message);
    return result.value.promise.id;
  };
  const get = async (id: PromiseId) => {
    const promise = await world.storage.stores.promises.get(id);
    if (!promise) throw new Error(`no promise #${id}`);
    return promise;
  };
  const outcomes = async (id: PromiseId) => {
    process.deliverer.start();
    await settle();
    return world.gateway.sent.filter((message) => (message as { promiseId?: unknown }).promiseId === id).map(({ text }) => text);
  };
  return { world, process, gate, begun, make, get, outcomes };
};
