import { expect } from 'chai';
import { makeLocalChat } from '../../../src/adapters/local-chat/index.ts';
import { makeMemoryChangeFeed, makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { systemClock, systemRandomness } from '../../../src/adapters/system/index.ts';
import { makePurgeRequestKeys } from '../../../src/application/inbox/purge-request-keys.ts';
import { makeApprovals, makeCommands } from '../../../src/application/index.ts';
import { approvalId, DEFAULT_LOCAL_CHAT, promiseId, scheduleId } from '../../../src/domain/index.ts';
import { type HttpApi, PortError, type Storage } from '../../../src/ports/index.ts';
import {
  buildApproval,
  buildPolicy,
  buildPromise,
  buildSchedule,
  makeFixedClock,
  makeRecordingEvents,
  promiseAfter,
  START,
} from '../../../src/testing/index.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

const PATH = '/api/v1/chat/messages';

describe('HTTP: idempotency keys', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  /** Real commands over a storage; a server that dies leaves its keys to the next one. */
  const makeSite = async () => {
    const changes = makeMemoryChangeFeed();
    const storage = makeMemoryStorage({ changes });
    const clock = makeFixedClock(START);
    const policy = buildPolicy();
    const events = makeRecordingEvents();
    const commands = makeCommands({ storage, clock, randomness: systemRandomness, policy, events });
    const approvals = makeApprovals({
      stores: storage.stores,
      unitOfWork: storage.unitOfWork,
      clock,
      randomness: systemRandomness,
      policy,
      events,
    });
    const chat = makeLocalChat({ transcript: storage.transcript, clock: systemClock, randomness: systemRandomness, changes, events });
    const start = async (keys = storage.stores.requestKeys, options: { readonly apiToken?: string } = {}) => {
      const scripted = makeScriptedApi();
      const api: HttpApi = {
        ...scripted.api,
        postMessage: async ({ chatId, text, once }) => {
          const posted = await chat.post(chatId, text, once);
          return posted.ok ? { ok: true, value: { chatId, messageId: posted.value.messageId } } : posted;
        },
        cancelPromise: commands.cancelPromise,
        retryPromise: commands.retryPromise,
        cancelSchedule: commands.cancelSchedule,
        decideApproval: (id, verdict, more) => approvals.decide(id, verdict, { kind: 'operator' }, more),
      };
      const { ask } = await open({ ...options, idempotency: { keys, clock } }, { ...scripted, api });
      const send = async (path: string, key: string | undefined, body?: unknown, headers: Record<string, string> = {}) => {
        const answer = await ask('POST', path, body, { ...headers, ...(key === undefined ? {} : { 'idempotency-key': key }) });
        return { ...answer, replayed: answer.headers.get('idempotency-replayed') };
      };
      return { ask, send };
    };
    /** A server that dies when it has carried out a request, and before it keeps the answer. */
    const dying = (): Promise<Awaited<ReturnType<typeof start>>> =>
      start({
        ...storage.stores.requestKeys,
        answer: async () => {
          throw new Error('the process has died');
        },
        release: async () => undefined,
      });
    const texts = async () => (await storage.transcript.latest(DEFAULT_LOCAL_CHAT, 100)).map(({ text }) => text);
    return { storage, clock, start, dying, texts, commands };
  };

  const failed = (storage: Storage) =>
    storage.stores.promises.add([
      promiseAfter(buildPromise({ id: promiseId(1), chatId: DEFAULT_LOCAL_CHAT }), { type: 'cancel', at: START, reason: 'no' }),
    ]);

  it('give the first answer again, once carried out, and say so', async () => {
    const { start, texts } = await makeSite();
    const { send } = await start();
    const first = await send(PATH, 'k1', { text: 'Hello' });
    const again = await send('/api/chat/messages', 'k1', { text: 'Hello' });
    expect([first.status, first.replayed]).to.deep.equal([202, null]);
    expect([again.status, again.replayed, again.body]).to.deep.equal([202, 'true', first.body]);
    await send(PATH, 'k2', { text: 'Hello' });
    await send(PATH, undefined, { text: 'Hello' });
    expect(await texts()).to.deep.equal(['Hello', 'Hello', 'Hello']);
  });

  it('refuse another request under the same key, and keep no refusal: what refused may have passed', async () => {
    const { start, storage, texts } = await makeSite();
    const { send } = await start();
    await send(PATH, 'k1', { text: 'Hello' });
    for (const [path, body] of [
      [PATH, { text: 'Hello!' }],
      ['/api/v1/promises/1/cancel', undefined],
    ] as const) {
      const refused = await send(path, 'k1', body);
      expect([refused.status, refused.body.error.code]).to.deep.equal([422, 'http/key-reused']);
    }
    expect((await send('/api/v1/promises/1/retry', 'k3')).status).to.equal(404);
    await failed(storage);
    const again = await send('/api/v1/promises/1/retry', 'k3');
    expect([again.status, again.replayed]).to.deep.equal([200, null]);
    const known = await send('/api/v1/promises/1/retry', 'k3');
    expect([known.status, known.replayed, known.body]).to.deep.equal([200, 'true', again.body]);
    expect(await texts()).to.deep.equal(['Hello']);
  });

  it('tell whoever asks while the first request runs to wait', async () => {
    const { start, storage, texts } = await makeSite();
    const claimed = Promise.withResolvers<void>();
    const free = Promise.withResolvers<void>();
    const { requestKeys } = storage.stores;
    const slow = await start({
      ...requestKeys,
      claim: async (request) => {
        const mine = await requestKeys.claim(request);
        claimed.resolve();
        await free.promise;
        return mine;
      },
    });
    const first = slow.send(PATH, 'k1', { text: 'Hello' });
    await claimed.promise;
    const { send } = await start();
    const second = await send(PATH, 'k1', { text: 'Hello' });
    expect([second.status, second.body.error.code, second.headers.get('retry-after')]).to.deep.equal([409, 'http/key-in-use', '1']);
    free.resolve();
    expect((await first).status).to.equal(202);
    expect((await send(PATH, 'k1', { text: 'Hello' })).replayed).to.equal('true');
    expect(await texts()).to.deep.equal(['Hello']);
  });

  const EFFECTS: readonly (readonly [
    path: string,
    body: unknown,
    prepare: (storage: Storage) => Promise<unknown>,
    count: (storage: Storage) => Promise<number>,
  ])[] = [
    [PATH, { text: 'Hello' }, async () => undefined, async ({ transcript }) => (await transcript.latest(DEFAULT_LOCAL_CHAT, 9)).length],
    ['/api/v1/promises/1/retry', undefined, failed, async ({ stores }) => Number((await stores.promises.get(promiseId(1)))?.version) - 1],
    [
      '/api/v1/promises/1/cancel',
      undefined,
      ({ stores }) => stores.promises.add([buildPromise({ id: promiseId(1), chatId: DEFAULT_LOCAL_CHAT })]),
      async ({ stores }) => Number((await stores.promises.get(promiseId(1)))?.version) - 1,
    ],
    [
      '/api/v1/schedules/1/cancel',
      undefined,
      ({ stores }) => stores.schedules.add([buildSchedule({ id: scheduleId(1), chatId: DEFAULT_LOCAL_CHAT })]),
      async ({ stores }) => Number((await stores.schedules.get(scheduleId(1)))?.version) - 1,
    ],
    [
      '/api/v1/approvals/1/deny',
      undefined,
      async ({ stores }) => {
        await stores.promises.add([buildPromise({ id: promiseId(1), chatId: DEFAULT_LOCAL_CHAT })]);
        const { call, ...rest } = buildApproval({
          id: approvalId(1),
          promiseId: promiseId(1),
          askedAt: START,
          expiresAt: START + 86_400_000,
        });
        await stores.approvals.add([{ ...rest, call: { ...call, chatId: DEFAULT_LOCAL_CHAT } }]);
      },
      async ({ stores }) => ((await stores.approvals.get(approvalId(1)))?.status === 'denied' ? 1 : 0),
    ],
  ];
  for (const [path, body, prepare, count] of EFFECTS)
    it(`never double the effect where a process dies before it keeps the answer: ${path}`, async () => {
      const { start, dying, storage, clock } = await makeSite();
      await prepare(storage);
      const before = await count(storage);
      const dead = await dying();
      expect((await dead.send(path, 'k1', body)).status).to.equal(500);
      const { send } = await start();
      expect((await send(path, 'k1', body)).status).to.equal(409);
      clock.advance(30_000);
      const answer = await send(path, 'k1', body);
      expect([answer.status, answer.replayed], JSON.stringify(answer.body)).to.deep.equal([path === PATH ? 202 : 200, null]);
      expect((await send(path, 'k1', body)).replayed).to.equal('true');
      expect((await count(storage)) - before).to.equal(1);
    });

  it('retry a promise once, though it has failed again before the same request comes back', async () => {
    const { start, dying, storage, clock, commands } = await makeSite();
    await failed(storage);
    await (await dying()).send('/api/v1/promises/1/retry', 'k1');
    await commands.cancelPromise(promiseId(1));
    clock.advance(30_000);
    const answer = await (await start()).send('/api/v1/promises/1/retry', 'k1');
    expect([answer.status, answer.body.status]).to.deep.equal([200, 'cancelled']);
  });

  it('are free again where the storage failed, and nothing was done', async () => {
    const { start, storage, texts } = await makeSite();
    const { send } = await start();
    const { promises } = storage.stores;
    expect((await send('/api/v1/promises/0/cancel', 'k1')).status).to.equal(400);
    expect(await promises.get(promiseId(1))).to.equal(undefined);
    expect((await send(PATH, 'k1', { text: 'Hello' })).status).to.equal(202);
    expect(await texts()).to.deep.equal(['Hello']);
  });

  it('store one message where its answer could not be kept, and say that it may be stored', async () => {
    const { start, storage, texts } = await makeSite();
    const failing = await start({
      ...storage.stores.requestKeys,
      answer: async () => {
        throw new PortError('unavailable', 'the database is away', { retryable: true });
      },
    });
    const first = await failing.send(PATH, 'k1', { text: 'Hello' });
    expect([first.status, first.body.error.message]).to.deep.equal([503, 'this can’t be done right now; it may have been done']);
    const { send } = await start();
    expect((await send(PATH, 'k1', { text: 'Hello' })).status).to.equal(202);
    expect(await texts()).to.deep.equal(['Hello']);
  });

  it('are of one token alone, and none of them signs anybody in', async () => {
    const { start, texts } = await makeSite();
    const token = { authorization: 'Bearer open sesame' };
    const { send } = await start(undefined, { apiToken: 'open sesame' });
    expect((await send(PATH, 'k1', { text: 'Hello' })).status).to.equal(401);
    expect((await send(PATH, 'k1', { text: 'Hello' }, token)).status).to.equal(202);
    const other = await start(undefined, { apiToken: 'another one' });
    expect((await other.send(PATH, 'k1', { text: 'Hi' }, { authorization: 'Bearer another one' })).status).to.equal(202);
    expect(await texts()).to.deep.equal(['Hello', 'Hi']);
    const cookies = [];
    for (let time = 0; time < 2; time++)
      cookies.push((await send('/api/v1/session', 'k5', { token: 'open sesame' })).headers.get('set-cookie'));
    expect(new Set(cookies).size).to.equal(2);
  });

  it('are refused where they are no keys, or nobody keeps any', async () => {
    const { start } = await makeSite();
    const { send } = await start();
    for (const key of ['two words', 'ü'.repeat(3), 'x'.repeat(256)])
      expect((await send(PATH, key, { text: 'Hello' })).body.error.code, key).to.equal('http/invalid-key');
    const { ask } = await open({ idempotency: undefined });
    const refused = await ask('POST', PATH, { text: 'Hello' }, { 'idempotency-key': 'k1' });
    expect([refused.status, refused.body.error.code]).to.deep.equal([400, 'http/keys-not-offered']);
  });

  it('are forgotten after a day, by the worker: no request waits for that', async () => {
    const { start, storage, clock, texts } = await makeSite();
    const { requestKeys } = storage.stores;
    const events = makeRecordingEvents();
    const purge = async (): Promise<void> => {
      const worker = makePurgeRequestKeys({ requestKeys, changes: makeMemoryChangeFeed(), clock, events });
      worker.start();
      await worker.stop();
    };
    const { send } = await start({ ...requestKeys, purge: () => Promise.reject(new Error('a request purges')) });
    await send(PATH, 'k1', { text: 'Hello' });
    clock.advance(24 * 3_600_000);
    await purge();
    expect(events.events).to.deep.equal([]);
    expect((await send(PATH, 'k1', { text: 'Hello' })).replayed).to.equal('true');
    clock.advance(1);
    await purge();
    expect(events.events).to.deep.equal([{ type: 'request-keys-purged', count: 1 }]);
    expect((await send(PATH, 'k1', { text: 'Hi' })).replayed).to.equal(null);
    expect(await texts()).to.deep.equal(['Hello', 'Hi']);
  });
});
