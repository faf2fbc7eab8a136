import { expect } from 'chai';
import { askFor } from '../../../src/application/approvals/ask-approval.ts';
import { makeDecideApproval } from '../../../src/application/approvals/decide.ts';
import { expireApproval } from '../../../src/application/approvals/expire-approvals.ts';
import { makeCancelPromise } from '../../../src/application/promises/command-promise.ts';
import { applyDecisions } from '../../../src/application/turns/apply-decisions.ts';
import { type AgentPromise, type Approval, makePromise, type PromiseId } from '../../../src/domain/index.ts';
import { type DecidedBy, type Storage, silentEvents } from '../../../src/ports/index.ts';
import {
  buildPolicy,
  buildPromise,
  makeFixedClock,
  makeSeededRandomness,
  promiseAfter,
  START,
  telegramChat,
  telegramUser,
} from '../../../src/testing/index.ts';
import { withPostgres } from '../../support/postgres-storage.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

const TIMES = 5;
const HOUR = 3_600_000;
const policy = buildPolicy();
const randomness = makeSeededRandomness(1);
const ADA: DecidedBy = { kind: 'person', origin: { chatId: telegramChat(501), chatKind: 'direct', senderId: telegramUser(501) } };

/** An approval of a promise that is one call, stored as a turn stores it. */
const ask = async ({ stores, unitOfWork }: Storage, parents: readonly PromiseId[] = []): Promise<Approval> => {
  const [id] = await stores.promises.reserveIds(1);
  const metadata = { call: { tool: 'send', input: { to: 'Bob' } } };
  const promise = buildPromise({ id: id as PromiseId, metadata, dependsOn: parents });
  const call = { tool: 'send', input: { to: 'Bob' }, directory: '/srv/ada', chatId: promise.chatId };
  const approval = await askFor({ approvals: stores.approvals, clock: makeFixedClock(), approvalMs: HOUR }, promise, {
    call,
    agent: promise.agent,
    reason: 'It acts.',
    labels: [],
  });
  await unitOfWork.run((unit) =>
    applyDecisions(
      unit,
      [
        { type: 'make-promise', promise: makePromise(promise, approval.id) },
        { type: 'ask-approval', approval },
      ],
      { at: START, randomness },
    ),
  );
  return (await stores.approvals.get(approval.id)) as Approval;
};

const stateOf = async ({ stores }: Storage, { id, promiseId }: Approval): Promise<string> => {
  const [approval, promise] = await Promise.all([stores.approvals.get(id), stores.promises.get(promiseId)]);
  return `${approval?.status} ${promise?.status}`;
};

type Storages = readonly [Storage, Storage];
const ENGINES: Readonly<Record<string, (use: (storages: Storages) => Promise<void>) => Promise<void>>> = {
  SQLite: (use) =>
    inDirectory(async (directory) => {
      const path = `${directory}/system.db`;
      const storages = [await openStorage(path), await openStorage(path)] as const;
      await use(storages).finally(() => Promise.all(storages.map((storage) => storage.close())));
    }),
  PostgreSQL: (use) => withPostgres((storages) => use(storages as never), { count: 2 }),
};

for (const [engine, open] of Object.entries(ENGINES))
  describe(`Approvals in two processes on ${engine}`, function () {
    this.timeout(60_000);

    const decide = ({ unitOfWork }: Storage, at: number) =>
      makeDecideApproval({ unitOfWork, policy, randomness, events: silentEvents, clock: makeFixedClock(at) });
    const cancel = ({ unitOfWork }: Storage) =>
      makeCancelPromise({ unitOfWork, clock: makeFixedClock(), randomness, events: silentEvents, reason: 'No need.' });

    it('are decided once, whoever decides at the same moment, and what waits follows the one that counts', () =>
      open(async (storages) => {
        for (let i = 0; i < TIMES; i++) {
          const approval = await ask(storages[0]);
          const decided = await Promise.all(
            Array.from({ length: 8 }, (_, at) =>
              decide(storages[(at % 2) as 0 | 1], START + 1)(
                approval.id,
                at % 3 === 0 ? 'deny' : 'approve',
                at < 4 ? ADA : { kind: 'operator' },
              ),
            ),
          );
          const winners = decided.flatMap((each) => (each.ok ? [each.value.status] : []));
          expect(winners).to.have.length(1);
          expect(await stateOf(storages[1], approval)).to.equal(winners[0] === 'approved' ? 'approved pending' : 'denied cancelled');
        }
      }));

    it('that are given as their promise is cancelled leave nothing that runs, and nothing that can still be approved', () =>
      open(async (storages) => {
        for (let i = 0; i < TIMES; i++) {
          const approval = await ask(storages[0]);
          await Promise.all([decide(storages[0], START + 1)(approval.id, 'approve', ADA), cancel(storages[1])(approval.promiseId)]);
          expect(await stateOf(storages[0], approval)).to.be.oneOf(['failed cancelled', 'denied cancelled']);
          expect((await decide(storages[1], START + 2)(approval.id, 'approve', ADA)).ok).to.equal(false);
        }
      }));

    it('that are given as they expire are the one or the other, also where clocks differ', () =>
      open(async (storages) => {
        for (let i = 0; i < TIMES; i++) {
          const approval = await ask(storages[0]);
          const [given, expired] = await Promise.all([
            decide(storages[0], START + HOUR - 1)(approval.id, 'approve', ADA),
            storages[1].unitOfWork.run((stores) => expireApproval(stores, approval, { at: START + HOUR, randomness })),
          ]);
          expect(given.ok).to.equal(!expired);
          expect(await stateOf(storages[0], approval)).to.equal(given.ok ? 'approved pending' : 'expired cancelled');
        }
      }));

    it('are over once their promise has ended or is purged, or has failed with its parents before it was stored', () =>
      open(async (storages) => {
        const [{ stores }] = storages;
        const approval = await ask(storages[0]);
        await cancel(storages[0])(approval.promiseId);
        await stores.promises.markDelivered(approval.promiseId, START);
        const [item] = await stores.outbox.due(START + HOUR, 99);
        for (let next = item; next; [next] = await stores.outbox.due(START + HOUR, 1))
          await stores.outbox.markSent(next.id, undefined, START);
        expect(await stores.promises.purge({ settledBefore: START + HOUR, undeliveredBefore: START, limit: 9 })).to.deep.equal([
          approval.promiseId,
        ]);
        const gone = await decide(storages[1], START + 1)(approval.id, 'approve', ADA);
        expect(gone.ok ? 'ok' : gone.error.code).to.equal('approval/not-found');
        const parent: AgentPromise = promiseAfter(buildPromise({ id: (await stores.promises.reserveIds(1))[0] as PromiseId }), {
          type: 'cancel',
          at: START,
          reason: 'no need',
        });
        await stores.promises.add([parent]);
        expect(await stateOf(storages[0], await ask(storages[0], [parent.id]))).to.equal('denied failed');
      }));
  });
