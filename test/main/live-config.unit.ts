import { expect } from 'chai';
import { makeCorrelation } from '../../src/adapters/system/index.ts';
import type { Config } from '../../src/config/index.ts';
import { chatId, operatorOnly } from '../../src/domain/index.ts';
import { makeLiveConfig, type Reloadable } from '../../src/main/live-config.ts';
import type { WorkScope } from '../../src/ports/index.ts';
import { configOf } from '../support/site-config.ts';

const scope = (name: WorkScope['name']): WorkScope => ({ name, correlationId: '0'.repeat(32), spanId: '0'.repeat(16) });

describe('A configuration that is replaced while it counts', () => {
  const initial = (): Config => configOf({ KEPT_MODELS: 'rehearsal' }, '/nowhere');
  const moved = (config: Config, directory: string): Reloadable & Pick<Config, 'secrets'> => ({
    ...config,
    policy: operatorOnly(directory),
  });
  const directoryIn = ({ policy }: Config): string => policy.whitelist.defaultDirectory;
  const stage = () => {
    const live = makeLiveConfig(initial());
    const correlation = live.pinning(makeCorrelation());
    return { live, correlation, within: <T>(name: WorkScope['name'], work: () => T): T => correlation.run(scope(name), work) };
  };

  it('is seen by whoever keeps it, or a part of it', async () => {
    const { live } = stage();
    const { policy } = live.config;
    await live.apply(moved(initial(), '/next'));
    expect(policy.whitelist.defaultDirectory).to.equal('/next');
    expect({ ...policy }).to.deep.equal(operatorOnly('/next'));
    expect([directoryIn(live.config), directoryIn(live.current())]).to.deep.equal(['/next', '/next']);
  });

  it('leaves work that has begun what it began with, over all its waits, and what begins then the next', async () => {
    const { live, within } = stage();
    const [gate, { policy }] = [Promise.withResolvers<void>(), live.config];
    const seen: string[] = [];
    const turn = within('turn', async () => {
      seen.push(policy.whitelist.defaultDirectory);
      await gate.promise;
      seen.push(policy.whitelist.defaultDirectory);
      within('agent', () => seen.push(`agent ${policy.whitelist.defaultDirectory}`));
      within('turn', () => seen.push(`next ${policy.whitelist.defaultDirectory}`));
    });
    await live.apply(moved(initial(), '/next'));
    expect(policy.whitelist.defaultDirectory).to.equal('/next');
    gate.resolve();
    await turn;
    expect(seen).to.deep.equal(['/nowhere', '/nowhere', 'agent /nowhere', 'next /next']);
  });

  it('is the present one for what outlives the work that started it', async () => {
    const { live, within } = stage();
    const [gate, later] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    await within('receive', async () => void gate.promise.then(() => later.resolve(directoryIn(live.config))));
    await live.apply(moved(initial(), '/next'));
    gate.resolve();
    expect(await later.promise).to.equal('/next');
  });

  it('lets go of what was before once all work has ended that began with it, failed or not', async () => {
    const { live, within } = stage();
    const retired: string[] = [];
    live.onReload(
      async ({ policy }) =>
        async () =>
          void retired.push(policy.whitelist.defaultDirectory),
    );
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const turns = [within('turn', () => first.promise), within('promise', () => second.promise.then(() => Promise.reject(new Error('x'))))];
    const ended = Promise.allSettled(turns);
    await live.apply(moved(initial(), '/b'));
    const late = Promise.withResolvers<void>();
    const lateEnded = within('turn', () => late.promise);
    first.resolve();
    await turns[0];
    expect(retired).to.deep.equal([]);
    second.resolve();
    await ended;
    expect(retired).to.deep.equal(['/b']);
    await live.apply(moved(initial(), '/c'));
    expect(retired).to.deep.equal(['/b']);
    late.resolve();
    await lateEnded;
    expect(retired).to.deep.equal(['/b', '/c']);
  });

  it('stays whole where a part can not be prepared, and keeps each secret that it ever had', async () => {
    const { live } = stage();
    live.onReload(() => Promise.reject(new Error('no room')));
    const refused = live.apply({ ...moved(initial(), '/next'), secrets: ['a-new-secret'] });
    expect(await refused.catch((error: Error) => error.message)).to.equal('no room');
    expect(directoryIn(live.config)).to.equal('/nowhere');
    expect(live.config.secrets).to.include('a-new-secret');
  });

  it('keeps a part that has not changed as it is', async () => {
    const { live } = stage();
    const { agents, mcp } = live.current();
    expect(live.differs(initial())).to.equal(false);
    await live.apply({ ...moved(initial(), '/next') });
    expect(live.current().agents.all).to.equal(agents.all);
    expect(live.current().mcp).to.equal(mcp);
    expect(live.differs({ ...live.current(), policy: { ...live.current().policy, workspaces: [workspace] } })).to.equal(true);
  });
});

const workspace = {
  name: 'Acme',
  aliases: [],
  description: '',
  type: '',
  directory: '/srv',
  chatIds: [chatId('telegram:-1001')],
  isDevGroup: false,
};
