import { expect } from 'chai';
import { decidedIn, decisionsOf } from '../../../src/domain/conversation/decision.ts';
import { makeTurnDraft, promiseId, scheduleId } from '../../../src/domain/index.ts';
import { buildPromise, buildSchedule } from '../../../src/testing/index.ts';

describe('The draft of a turn', () => {
  it('keeps decisions in the order in which they were made', () => {
    const draft = makeTurnDraft();
    const made = buildPromise({ id: promiseId(7) });
    const schedule = buildSchedule({ id: scheduleId(3) });
    draft.decide({ type: 'cancel-promise', promiseId: promiseId(2) });
    draft.decide({ type: 'make-promise', promise: made });
    draft.decide({ type: 'end-schedule', scheduleId: scheduleId(1) });
    draft.decide({ type: 'make-schedule', schedule });
    expect(draft.decisions.map(({ type }) => type)).to.deep.equal(['cancel-promise', 'make-promise', 'end-schedule', 'make-schedule']);
    expect(decidedIn(draft)).to.deep.equal({
      promises: [made],
      cancelledPromises: [2],
      schedules: [schedule],
      endedSchedules: [1],
    });
    expect(decisionsOf(draft, 'make-promise')).to.deep.equal([{ type: 'make-promise', promise: made }]);
  });

  it('counts a cancellation, and the end of a schedule, once', () => {
    const draft = makeTurnDraft([{ type: 'cancel-promise', promiseId: promiseId(2) }]);
    for (const id of [2, 3, 2]) draft.decide({ type: 'cancel-promise', promiseId: promiseId(id) });
    for (const id of [2, 2]) draft.decide({ type: 'end-schedule', scheduleId: scheduleId(id) });
    expect(decidedIn(draft)).to.deep.include({ cancelledPromises: [2, 3], endedSchedules: [2] });
  });

  it('is empty where nothing may be decided', () => {
    expect(decidedIn(undefined)).to.deep.equal({ promises: [], cancelledPromises: [], schedules: [], endedSchedules: [] });
  });
});
