import { strict as assert } from 'node:assert';
import { type Approval, approvalId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildApproval, START } from './builders.ts';
import type { Contract } from './contract.ts';

const decided =
  (status: Approval['status']) =>
  (approval: Approval): Approval => ({
    ...approval,
    status,
    decidedAt: START + 1,
    decidedBy: 'operator',
  });
const three = [1, 2, 3].map((id) => buildApproval({ id: approvalId(id) }));
const idsOf = (found: readonly Approval[]) => found.map(({ id }) => Number(id));

/** The law of `CardStore`. */
export const cardStoreContract: Contract<Storage> = {
  'gives the approvals whose card shows another status than theirs': async ({ stores: { approvals, cards } }) => {
    await approvals.add(three);
    assert.deepEqual(await cards.behind(0, 10), []);
    const [second] = await approvals.update([approvalId(2)], decided('approved'));
    assert.deepEqual(await cards.behind(0, 10), [second]);
    await cards.markShown(approvalId(2), 'approved');
    assert.deepEqual(await cards.behind(0, 10), []);
    await approvals.update([approvalId(2)], decided('done'));
    assert.deepEqual(idsOf(await cards.behind(0, 10)), [2]);
  },

  'gives them lowest number first, above a number, and only so many': async ({ stores: { approvals, cards } }) => {
    await approvals.add(three.toReversed());
    await approvals.update(
      three.map(({ id }) => id),
      decided('denied'),
    );
    assert.deepEqual(idsOf(await cards.behind(0, 2)), [1, 2]);
    assert.deepEqual(idsOf(await cards.behind(1, 10)), [2, 3]);
    assert.deepEqual(idsOf(await cards.behind(3, 10)), []);
  },

  'keeps what a card shows with the rest of its unit of work, or not at all': async ({ stores: { approvals, cards }, unitOfWork }) => {
    await approvals.add(three);
    await approvals.update([approvalId(1)], decided('denied'));
    const failing = unitOfWork.run(async (unit) => {
      await unit.cards.markShown(approvalId(1), 'denied');
      assert.deepEqual(await unit.cards.behind(0, 10), []);
      throw new RangeError('it ends here');
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(idsOf(await cards.behind(0, 10)), [1]);
    await cards.markShown(approvalId(9), 'denied');
    assert.deepEqual(idsOf(await cards.behind(0, 10)), [1]);
  },
};
