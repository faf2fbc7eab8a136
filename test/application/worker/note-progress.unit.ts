import { expect } from 'chai';
import type { PromiseId } from '../../../src/domain/index.ts';
import type { ExecuteOptions } from '../../../src/ports/index.ts';
import { START, telegramChat, telegramUser, workResult } from '../../../src/testing/index.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, SECRET, settle } from '../support/harness.ts';

/** A worker that runs one promise, whose executor does what it is told to. */
const stage = async (options: ProcessOptions = {}) => {
  const world = makeWorld();
  const run = Promise.withResolvers<string>();
  let tell: ExecuteOptions['progress'] = () => undefined;
  const process = makeProcess(world, {
    executor: {
      execute: (_, { progress }) => {
        tell = progress;
        return run.promise.then(workResult);
      },
    },
    ...options,
  });
  const made = await process.make(
    { description: 'count' },
    { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } },
  );
  if (!made.ok) throw new Error(made.error.message);
  const get = () => world.storage.stores.promises.get(made.value.promise.id as PromiseId);
  const progress = async () => {
    await settle();
    const promise = await get();
    return promise?.status === 'in_progress' ? promise.progress : undefined;
  };
  process.worker.start();
  await settle();
  return { world, process, run, tell: (text: string) => tell(text), get, progress };
};

describe('the progress of a promise', () => {
  it('stores the first progress at once, then the newest every two seconds', async () => {
    const { world, tell, progress } = await stage();
    tell('reading');
    expect(await progress()).to.deep.equal({ text: 'reading', at: START });
    for (const text of ['a', 'b', 'c']) tell(text);
    expect(await progress()).to.deep.equal({ text: 'reading', at: START });
    await advance(world, 1_999, 1_999);
    expect(await progress()).to.have.property('text', 'reading');
    await advance(world, 1);
    expect(await progress()).to.deep.equal({ text: 'c', at: START + 2_000 });
  });

  it('invariant 4: stores progress redacted and short', async () => {
    const { tell, progress } = await stage();
    tell(`with ${SECRET}\n\n${'x'.repeat(500)}`);
    const noted = await progress();
    expect(noted?.text).to.match(/^with \[redacted\] x+…$/);
    expect(noted?.text).to.have.length(200);
  });

  it('drops progress that can not be stored, and fails nothing', async () => {
    const world = makeWorld();
    const { stores } = world.storage;
    const broken = { ...stores.promises, noteProgress: () => Promise.reject(new Error('the disk is full')) };
    const process = makeProcess(
      { ...world, storage: { ...world.storage, stores: { ...stores, promises: broken } } },
      {
        executor: {
          execute: async (_, { progress }) => {
            progress('counting');
            return workResult('three');
          },
        },
      },
    );
    await process.make(
      { description: 'count' },
      { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } },
    );
    process.worker.start();
    await advance(world, 10_000);
    expect((await stores.promises.find({ limit: 1 }))[0]).to.include({ status: 'completed', result: 'three' });
  });

  it('ignores progress that comes after the end of the attempt', async () => {
    const { world, run, tell, get } = await stage();
    run.resolve('three');
    await settle();
    tell('still here?');
    await advance(world, 10_000);
    expect(await get()).to.include({ status: 'completed', result: 'three' });
    expect(await get()).not.to.have.property('progress');
  });
});
