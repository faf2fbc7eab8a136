import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeAuditEvents } from '../../../src/application/audit/audit-events.ts';
import type { KeptEvent } from '../../../src/domain/events/event.ts';
import type { ApprovalId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingEvents, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const chatId = telegramChat(501);
const leg = (tool: string): KeptEvent => ({
  type: 'leg-removed',
  chatId,
  tool,
  leg: 'a way out',
  until: 'never',
  labels: ['web', 'notion'],
});
const denied = (door: 'tool' | 'command'): KeptEvent =>
  ({
    type: 'right-denied',
    action: 'cancel-others',
    chatId,
    senderId: telegramUser(9),
    rule: 'guest',
    path: 'people.telegram:9.role',
    door,
  }) as KeptEvent;

describe('What was stopped while a run was under way', () => {
  const stage = () => {
    const { audit } = makeMemoryStorage().stores;
    const clock = makeFixedClock();
    const events = makeRecordingEvents();
    const told = async () => {
      await settle();
      while ((await audit.seal(1_000)) > 0);
      return (await audit.read({ limit: 1_000 })).map(({ kind, actor, facts }) => ({ kind, actor, ...facts }) as Record<string, unknown>);
    };
    return { listen: makeAuditEvents({ audit, clock, events }), clock, told };
  };

  it('is told: the leg that was taken away, and a right that somebody does not have', async () => {
    const { listen, told } = stage();
    listen(leg('search_web'));
    listen(denied('tool'));
    listen({
      type: 'approval-refused',
      approvalId: 4 as ApprovalId,
      by: telegramUser(9),
      verdict: 'approve',
      reason: 'approval/not-entitled',
    });
    listen({ type: 'budget-stopped', chatId, path: 'budget', reason: 'used up', name: 'anthropic/x' });
    // It stands in the commit of its turn.
    listen(denied('command'));
    expect(await told()).to.deep.equal([
      { kind: 'leg-removed', actor: 'kept', chatId, tool: 'search_web', leg: 'a way out', until: 'never', labels: ['web', 'notion'] },
      { kind: 'denied', actor: 'telegram:9', chatId, action: 'cancel-others', rule: 'guest', path: 'people.telegram:9.role' },
      { kind: 'denied', actor: 'telegram:9', approvalId: 4, action: 'approve', reason: 'approval/not-entitled' },
      { kind: 'budget-stopped', actor: 'kept', chatId, path: 'budget', reason: 'used up', name: 'anthropic/x' },
    ]);
  });

  it('is told once in a minute where a model tries the same again, and bounded in an hour where it tries much', async () => {
    const { listen, clock, told } = stage();
    for (let n = 0; n < 50; n++) listen(leg('search_web'));
    clock.advance(60_000);
    listen(leg('search_web'));
    expect((await told()).map(({ notTold }) => notTold)).to.deep.equal([undefined, 49]);
    for (let n = 0; n < 5_000; n++) listen(leg(`tool_${n}`));
    expect(await told()).to.have.length(600);
  });

  it('is told once in a minute of one who taps what they may not, whatever they tap', async () => {
    const { listen, clock, told } = stage();
    const tap = (id: number, by = 9) =>
      listen({
        type: 'approval-refused',
        approvalId: id as ApprovalId,
        by: telegramUser(by),
        verdict: 'approve',
        reason: 'approval/not-entitled',
      });
    for (let id = 1; id <= 200; id++) tap(id);
    tap(1, 10);
    clock.advance(60_000);
    tap(1);
    expect((await told()).map(({ actor, notTold }) => [actor, notTold])).to.deep.equal([
      ['telegram:9', undefined],
      ['telegram:10', 199],
      ['telegram:9', undefined],
    ]);
  });

  it('is an event where it can not be stored', async () => {
    const events = makeRecordingEvents();
    const add = () => Promise.reject(new PortError('storage-full', 'the disk is full', { retryable: true }));
    makeAuditEvents({ audit: { add }, clock: makeFixedClock(), events })(leg('x'));
    await settle();
    expect(events.of('audit-not-stored')).to.deep.equal([{ type: 'audit-not-stored', kind: 'leg-removed', reason: 'the disk is full' }]);
  });
});
