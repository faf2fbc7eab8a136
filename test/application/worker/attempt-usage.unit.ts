import { expect } from 'chai';
import type { Usage } from '../../../src/domain/index.ts';
import { PortError, type PromiseExecutor } from '../../../src/ports/index.ts';
import { telegramChat, telegramUser } from '../../../src/testing/ids.ts';
import { advance, makeProcess, makeWorld } from '../support/harness.ts';

const tokens = (inputTokens: number): Usage => ({ inputTokens, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 });
const chatId = telegramChat(501);

const usedBy = async (execute: PromiseExecutor['execute']) => {
  const world = makeWorld();
  const process = makeProcess(world, { executor: { execute } });
  await process.make({ description: 'count' }, { chatId, chatKind: 'direct', requestedBy: { id: telegramUser(501) } });
  process.worker.start();
  await advance(world, 1_000);
  return world.storage.stores.turns.usage(chatId, 0);
};

const refused = (usage: Usage) => new PortError('could-not', 'no bread', { retryable: false, usage });

describe('The usage of an attempt', () => {
  it('counts once what an executor reports and its result repeats', async () => {
    const used = await usedBy(async (_, { onUsage }) => {
      onUsage?.(tokens(10));
      return { text: 'three', usage: tokens(10) };
    });
    expect(used).to.include({ ...tokens(10), attempts: 1 });
  });

  it('counts what only the result of an executor tells', async () => {
    expect(await usedBy(async () => ({ text: 'three', usage: tokens(10) }))).to.include({ ...tokens(10), attempts: 1 });
  });

  it('counts what only the failure of an executor tells', async () => {
    expect(await usedBy(async () => Promise.reject(refused(tokens(10))))).to.include({ ...tokens(10), attempts: 1 });
  });

  it('counts once what an executor reports and its failure repeats', async () => {
    const used = await usedBy(async (_, { onUsage }) => {
      onUsage?.(tokens(10));
      throw refused(tokens(10));
    });
    expect(used).to.include({ ...tokens(10), attempts: 1 });
  });

  it('counts once where the end was stored, though the storage said that it failed', async () => {
    const world = makeWorld();
    const { unitOfWork, stores } = world.storage;
    let failures = 0;
    const run: typeof unitOfWork.run = async (work) => {
      const value = await unitOfWork.run(work);
      if (failures > 0 || (await stores.turns.usage(chatId, 0)).attempts === 0) return value;
      failures++;
      throw new PortError('unavailable', 'the answer was lost', { retryable: true });
    };
    const executor: PromiseExecutor = { execute: async () => ({ text: 'three', usage: tokens(10) }) };
    const process = makeProcess({ ...world, storage: { ...world.storage, unitOfWork: { run } } }, { executor });
    await process.make({ description: 'count' }, { chatId, chatKind: 'direct', requestedBy: { id: telegramUser(501) } });
    process.worker.start();
    await advance(world, 10_000);
    expect([failures, (await stores.turns.usage(chatId, 0)).attempts]).to.deep.equal([1, 1]);
  });
});
