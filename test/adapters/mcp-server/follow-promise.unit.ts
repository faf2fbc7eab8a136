import { expect } from 'chai';
import { followPromise } from '../../../src/adapters/mcp-server/follow-promise.ts';
import type { AgentPromise } from '../../../src/domain/index.ts';
import { buildPromise } from '../../../src/testing/index.ts';

describe('A client that follows a promise', () => {
  const promise = buildPromise();
  const stage = ({
    signal,
    token,
    notify = async () => undefined,
  }: {
    signal: AbortSignal;
    token?: string;
    notify?: () => Promise<void>;
  }) => {
    const watching = { count: 0, tell: (_: AgentPromise): void => undefined };
    const followed = followPromise(
      {
        watchPromise: (_, tell) => {
          watching.count++;
          watching.tell = tell;
          return () => void watching.count--;
        },
        getPromise: async () => promise,
      },
      promise.id,
      {
        seconds: 60,
        context: { mcpReq: { signal, notify, ...(token === undefined ? {} : { _meta: { progressToken: token } }) } },
        redact: (text) => text,
      },
    );
    return { watching, followed };
  };

  it('has its answer at once if it gave up before the waiting began', async () => {
    const { watching, followed } = stage({ signal: AbortSignal.abort() });
    expect(await followed).to.equal(promise);
    expect(watching.count).to.equal(0);
  });

  it('has its answer, and is told no more, once it gives up', async () => {
    const abort = new AbortController();
    const { watching, followed } = stage({ signal: abort.signal });
    expect(watching.count).to.equal(1);
    abort.abort();
    await followed;
    expect(watching.count).to.equal(0);
  });

  it('is waited for no longer if its progress can not be told', async () => {
    const { watching, followed } = stage({
      signal: new AbortController().signal,
      token: 'one',
      notify: () => Promise.reject(new Error('the client has gone')),
    });
    watching.tell(promise);
    await followed;
    expect(watching.count).to.equal(0);
  });
});
