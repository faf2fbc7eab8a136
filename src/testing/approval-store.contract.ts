import { strict as assert } from 'node:assert';
import {
  type Approval,
  approvalId,
  digestOf,
  moneyOf,
  promiseId,
  type StandingApproval,
  standingId,
  transitionApproval,
} from '../domain/index.ts';
import type { ApprovalStore, Storage } from '../ports/index.ts';
import { buildApproval, buildPromise, GROUP, promiseAfter, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramUser } from './ids.ts';
import { wider } from './wider.ts';

const ADA = telegramUser(501);
const HOUR = 3_600_000;
const build = (id: number, terms: Parameters<typeof buildApproval>[0] = {}): Approval => buildApproval({ id: approvalId(id), ...terms });
const approve = (approval: Approval): Approval | undefined => {
  const next = transitionApproval(approval, { type: 'approve', at: START + 5, by: ADA });
  return next.ok ? next.value : undefined;
};
const idsOf = (found: readonly { readonly id: number }[]): readonly number[] => found.map(({ id }) => Number(id));
const read = async (approvals: ApprovalStore, id: number): Promise<Approval> => {
  const approval = await approvals.get(approvalId(id));
  assert.ok(approval, `approval #${id} is stored`);
  return approval;
};
const buildStanding = (id: number, terms: Partial<StandingApproval> = {}): StandingApproval => ({
  id: standingId(id),
  tool: 'mcp__tracker__close',
  directory: '/srv/ada',
  chatId: telegramChat(501),
  givenBy: ADA,
  givenAt: START,
  expiresAt: START + HOUR,
  approvalId: approvalId(1),
  ...terms,
});
const CALL = { tool: 'mcp__tracker__close', directory: '/srv/ada', chatId: telegramChat(501) };

/** The law of `ApprovalStore`. */
export const approvalStoreContract: Contract<Storage> = {
  'reserves rising numbers of either kind, none of them twice': async ({ stores: { approvals } }) => {
    const all = (await Promise.all(Array.from({ length: 10 }, () => approvals.reserveIds(2)))).flat();
    assert.equal(new Set(all).size, 20);
    assert.ok(Number((await approvals.reserveIds(1))[0]) > Math.max(...all));
    assert.equal(new Set([...(await approvals.reserveStandingIds(2)), ...(await approvals.reserveStandingIds(1))]).size, 3);
  },

  'returns approvals as they were added, in every state, and nothing that their objects hold beside': async ({ stores: { approvals } }) => {
    const { messageId: _, ...withoutMessage } = build(2);
    const input = { text: "'); DROP TABLE approvals; --", list: [1, 2.5, null, true, { deep: 'äöü 🚂' }] };
    const all: readonly Approval[] = [
      build(1, { call: { input }, callKey: 'run-3-0', cost: moneyOf(5_000), labels: ['web', 'mcp:tracker'] }),
      withoutMessage,
      build(3, { status: 'done', decidedAt: START + 1, decidedBy: 'operator', endedAt: START + 2, outcome: 'closed #7' }),
      build(4, { status: 'expired', endedAt: START + 2 }),
      build(5, { status: 'denied', decidedAt: START + 1, decidedBy: ADA }),
      build(6, { status: 'failed', decidedAt: START + 1, decidedBy: ADA, endedAt: START + 2, outcome: 'it broke off', isUnknown: true }),
    ];
    await approvals.add(all.map((approval) => wider({ ...approval, call: wider(approval.call) })));
    for (const approval of all) {
      const stored = await read(approvals, approval.id);
      assert.deepEqual(stored, approval);
      assert.equal(digestOf(stored.call), approval.digest);
    }
    assert.equal(await approvals.get(approvalId(9)), undefined);
  },

  'adds all or none: a number that is taken is refused': async ({ stores: { approvals } }) => {
    await approvals.add([build(1)]);
    const adding = approvals.add([build(2), build(1, { reason: 'another' })]);
    await assert.rejects(adding, { code: 'concurrency' });
    assert.deepEqual(idsOf(await approvals.list({ limit: 9 })), [1]);
    assert.equal((await read(approvals, 1)).reason, 'It acts.');
  },

  'stores of a change the decision and the end alone, and tells how each stands': async ({ stores: { approvals } }) => {
    await approvals.add([build(1), build(2), build(3, { status: 'expired', endedAt: START + 1 })]);
    const ids = [3, 2, 1, 9].map(approvalId);
    const told = await approvals.update(ids, (stored) => {
      const next = approve(stored);
      return next && { ...next, token: next.digest, digest: 'another', expiresAt: 0, call: { ...next.call, tool: 'another' } };
    });
    assert.deepEqual(told, await Promise.all([1, 2, 3].map((id) => read(approvals, id))));
    assert.deepEqual(
      told.map(({ status }) => status),
      ['approved', 'approved', 'expired'],
    );
    assert.deepEqual(await read(approvals, 1), { ...build(1), status: 'approved', decidedAt: START + 5, decidedBy: ADA });
    assert.deepEqual(await approvals.update([], () => assert.fail('nothing to change')), []);
  },

  'stores nothing when a change throws': async ({ stores: { approvals } }) => {
    await approvals.add([build(1), build(2)]);
    const changing = approvals.update([1, 2].map(approvalId), (stored) => {
      if (stored.id === 2) throw new Error('undone');
      return approve(stored);
    });
    await assert.rejects(changing, /undone/);
    assert.equal((await read(approvals, 1)).status, 'asked');
  },

  'is decided once, however many decide at a time': async ({ stores, unitOfWork }) => {
    await stores.approvals.add([build(1)]);
    const counted = await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        const by = telegramUser(600 + at);
        const [after] = await unitOfWork.run(({ approvals }) =>
          approvals.update([approvalId(1)], (stored) => {
            const next = transitionApproval(stored, { type: at % 2 === 0 ? 'approve' : 'deny', at: START, by });
            return next.ok ? next.value : undefined;
          }),
        );
        return after?.decidedBy === by;
      }),
    );
    assert.equal(counted.filter(Boolean).length, 1);
  },

  'lists by chat and status, newest first': async ({ stores: { approvals } }) => {
    await approvals.add([
      build(1),
      build(2, { call: { chatId: GROUP } }),
      build(3, { status: 'denied', decidedAt: START, decidedBy: ADA }),
      build(4, { call: { chatId: GROUP }, status: 'approved', decidedAt: START, decidedBy: ADA }),
    ]);
    assert.deepEqual(idsOf(await approvals.list({ limit: 9 })), [4, 3, 2, 1]);
    assert.deepEqual(idsOf(await approvals.list({ limit: 2 })), [4, 3]);
    assert.deepEqual(idsOf(await approvals.list({ before: approvalId(3), limit: 9 })), [2, 1]);
    assert.deepEqual(idsOf(await approvals.list({ before: approvalId(4), chatId: GROUP, statuses: ['asked'], limit: 9 })), [2]);
    assert.deepEqual(idsOf(await approvals.list({ chatId: GROUP, limit: 9 })), [4, 2]);
    assert.deepEqual(idsOf(await approvals.list({ statuses: ['asked', 'denied'], limit: 9 })), [3, 2, 1]);
    assert.deepEqual(idsOf(await approvals.list({ chatId: GROUP, statuses: ['asked'], limit: 9 })), [2]);
    assert.deepEqual(await approvals.list({ statuses: [], limit: 9 }), []);
    assert.deepEqual([await approvals.countAsked(GROUP), await approvals.countAsked(telegramChat(501))], [1, 1]);
  },

  'finds what guards a promise, and what of it is open': async ({ stores: { approvals } }) => {
    await approvals.add([
      build(1, { callKey: 'run-0-0', status: 'done', decidedAt: START, decidedBy: ADA, endedAt: START }),
      build(2, { callKey: 'run-2-0', status: 'approved', decidedAt: START, decidedBy: ADA }),
      build(3, { promiseId: promiseId(2) }),
      build(4, { promiseId: promiseId(3), status: 'expired', endedAt: START }),
    ]);
    assert.deepEqual(idsOf(await approvals.ofPromise(promiseId(1))), [1, 2]);
    assert.deepEqual(idsOf(await approvals.openOf([1, 2, 3, 4].map(promiseId))), [2, 3]);
    assert.deepEqual(await approvals.openOf([]), []);
  },

  'tells what is over, earliest first, and when the next one is': async ({ stores: { approvals } }) => {
    assert.equal(await approvals.nextExpiry(), undefined);
    await approvals.add([
      build(1, { expiresAt: START + 30 }),
      build(2, { expiresAt: START + 10 }),
      build(3, { expiresAt: START + 20 }),
      build(4, { expiresAt: START + 1, status: 'approved', decidedAt: START, decidedBy: ADA }),
    ]);
    assert.equal(await approvals.nextExpiry(), START + 10);
    assert.deepEqual(idsOf(await approvals.due(START + 20, 9)), [2, 3]);
    assert.deepEqual(idsOf(await approvals.due(START + 20, 1)), [2]);
    assert.deepEqual(await approvals.due(START + 9, 9), []);
  },

  'commits with a unit of work, or not at all': async ({ stores, unitOfWork }) => {
    await stores.approvals.add([build(1)]);
    const run = unitOfWork.run(async ({ approvals }) => {
      await approvals.add([build(2)]);
      await approvals.update([approvalId(1)], approve);
      assert.equal((await read(approvals, 1)).status, 'approved');
      throw new Error('undone');
    });
    await assert.rejects(run, /undone/);
    assert.deepEqual(idsOf(await stores.approvals.list({ limit: 9 })), [1]);
    assert.equal((await read(stores.approvals, 1)).status, 'asked');
  },

  'goes with its promise when that is purged': async ({ stores: { approvals, promises } }) => {
    const settled = promiseAfter(buildPromise(), { type: 'cancel', at: START, reason: 'no need' });
    await promises.add([settled, buildPromise({ id: promiseId(2) })]);
    await approvals.add([build(1), build(2, { promiseId: promiseId(2) })]);
    await promises.purge({ settledBefore: START + 1, undeliveredBefore: START + 1, limit: 9 });
    assert.deepEqual(idsOf(await approvals.list({ limit: 9 })), [2]);
  },

  'follows a chat that moves: what is open is the same call in the same chat': async ({ stores: { approvals, chatMoves } }) => {
    const from = telegramChat(-5);
    const ended = build(2, { call: { chatId: from }, status: 'expired', endedAt: START });
    await approvals.add([build(1, { call: { chatId: from } }), ended, build(3)]);
    await approvals.addStanding(buildStanding(1, { chatId: from }));
    await chatMoves.add({ from, to: GROUP, at: START });
    const moved = await read(approvals, 1);
    assert.deepEqual([moved.call.chatId, moved.messageId, moved.digest], [GROUP, undefined, digestOf({ ...moved.call, chatId: GROUP })]);
    assert.deepEqual([(await read(approvals, 2)).call.chatId, (await read(approvals, 2)).digest], [GROUP, ended.digest]);
    assert.deepEqual(await read(approvals, 3), build(3));
    assert.equal((await approvals.standingFor({ ...CALL, chatId: GROUP }, START))?.id, 1);
  },

  'finds the newest standing approval of a tool, chat and directory that holds': async ({ stores: { approvals } }) => {
    const all = [
      buildStanding(1),
      buildStanding(2),
      buildStanding(3, { directory: '/srv/other' }),
      buildStanding(4, { chatId: GROUP }),
      buildStanding(5, { tool: 'mcp__tracker__open' }),
      buildStanding(6, { givenAt: START + HOUR, expiresAt: START + 2 * HOUR }),
    ];
    for (const standing of all) await approvals.addStanding(wider(standing));
    assert.deepEqual(await approvals.standingFor(CALL, START), buildStanding(2));
    assert.equal((await approvals.standingFor(CALL, START + HOUR))?.id, 6);
    for (const other of [{ tool: 'mcp__tracker__drop' }, { directory: '/srv' }, { chatId: telegramChat(502) }])
      assert.equal(await approvals.standingFor({ ...CALL, ...other }, START), undefined);
    assert.equal(await approvals.standingFor(CALL, START - 1), undefined);
    assert.equal(await approvals.standingFor(CALL, START + 2 * HOUR), undefined);
    assert.deepEqual(idsOf(await approvals.listStanding({ limit: 9 })), [6, 5, 4, 3, 2, 1]);
    assert.deepEqual(idsOf(await approvals.listStanding({ chatId: GROUP, limit: 9 })), [4]);
    assert.deepEqual(idsOf(await approvals.listStanding({ holdingAt: START + HOUR, limit: 9 })), [6]);
    assert.deepEqual(idsOf(await approvals.listStanding({ chatId: telegramChat(501), holdingAt: START, limit: 1 })), [5]);
  },

  'gives a standing approval by its id, held or revoked': async ({ stores: { approvals }, unitOfWork }) => {
    await approvals.addStanding(buildStanding(1));
    await approvals.addStanding(wider(buildStanding(2)));
    assert.deepEqual(await approvals.getStanding(standingId(2)), buildStanding(2));
    assert.equal(await approvals.getStanding(standingId(3)), undefined);
    await unitOfWork.run(async (stores) => {
      await stores.approvals.revokeStanding(standingId(2), START + 9, ADA);
      assert.equal((await stores.approvals.getStanding(standingId(2)))?.revokedBy, ADA);
    });
    assert.deepEqual(await approvals.getStanding(standingId(2)), { ...buildStanding(2), revokedAt: START + 9, revokedBy: ADA });
  },

  'revokes a standing approval once, and none that is over': async ({ stores: { approvals } }) => {
    await approvals.addStanding(buildStanding(1));
    await approvals.addStanding(buildStanding(2, { expiresAt: START + 1 }));
    const revoked = { ...buildStanding(1), revokedAt: START + 9, revokedBy: 'operator' } as const;
    assert.deepEqual(await approvals.revokeStanding(standingId(1), START + 9, 'operator'), revoked);
    assert.deepEqual(await approvals.revokeStanding(standingId(1), START + 10, ADA), revoked);
    assert.equal((await approvals.revokeStanding(standingId(2), START + 9, ADA))?.revokedAt, undefined);
    assert.equal(await approvals.revokeStanding(standingId(7), START, ADA), undefined);
    assert.equal(await approvals.standingFor(CALL, START + 9), undefined);
  },
};
