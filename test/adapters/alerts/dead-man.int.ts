import { expect } from 'chai';
import { makeDeadManSwitch } from '../../../src/adapters/alerts/index.ts';
import { openStandIn } from '../../fakes/alerts/stand-in.ts';
import { LIMIT_MS } from './http-channel.contract.ts';

const TOKEN = '3f1b0c52-9a77-4f0e-8f0b-2f6d1c9d7a55';

const openWatcher = () =>
  openStandIn(({ method, path, body }) =>
    method === 'GET' && path === `/ping/${TOKEN}` && body === ''
      ? { status: 200, body: 'OK' }
      : { status: 404, problem: `${method} ${path}` },
  );

describe("The dead-man's switch", () => {
  it('asks for its address, and for nothing else', async () => {
    await using watcher = await openWatcher();
    await makeDeadManSwitch({ url: `${watcher.url}/ping/${TOKEN}` }).ping(new AbortController().signal);
    expect([watcher.taken().length, watcher.problems()]).to.deep.equal([1, []]);
  });

  it('fails where nobody heard it, and says no secret', async () => {
    await using watcher = await openWatcher();
    const url = `${watcher.url}/ping/${TOKEN}`;
    for (const fail of [404, 500]) {
      watcher.failNext((request, response) => void response.writeHead(fail).end(request.url));
      const reason = await makeDeadManSwitch({ url, limitMs: LIMIT_MS })
        .ping(new AbortController().signal)
        .then(() => 'it was heard', String);
      expect(reason).to.include(`HTTP ${fail}`).and.not.include(TOKEN);
    }
    watcher.failNext(() => undefined);
    const late = await makeDeadManSwitch({ url, limitMs: 200 })
      .ping(new AbortController().signal)
      .then(() => 'it was heard', String);
    expect(late).to.include('did not answer within 0.2 s');
  });
});
