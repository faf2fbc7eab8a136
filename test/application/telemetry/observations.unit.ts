import { expect } from 'chai';
import { observationsOf } from '../../../src/application/telemetry/observations.ts';
import { type KeptEvent, NO_USAGE, promiseId } from '../../../src/domain/index.ts';
import { telegramChat } from '../../../src/testing/index.ts';

const chatId = telegramChat(501);

describe('What is measured of events', () => {
  const measured = (event: KeptEvent) => observationsOf(event).map(({ kind, name, failed, ms }) => [kind, name, failed ? 1 : 0, ms]);
  const sent = { type: 'gateway-called', gateway: 'telegram', chatId, outcome: 'sent', durationMs: 7 } as const;
  const run = { type: 'agent-run-ended', agent: 'valor_agent', chatId, durationMs: 7 } as const;
  const call = { type: 'tool-called', tool: 'look', chatId, isError: false, durationMs: 7 } as const;
  const attempt = {
    type: 'promise-attempt-ended',
    promiseId: promiseId(1),
    attempt: 1,
    chatId,
    taskType: 'search',
    agent: 'valor_agent',
    status: 'completed',
    usage: NO_USAGE,
    durationMs: 7,
  } as const;
  const coding = { type: 'coding-run-ended', promiseId: promiseId(1), chatId, agent: 'claude', denials: 0, durationMs: 7 } as const;
  for (const [what, event, expected] of [
    [
      'a run',
      { ...run, outcome: 'done' },
      [
        ['agent', 'valor_agent', 0, 7],
        ['workspace', '(none)', 0, 7],
      ],
    ],
    [
      'a run that failed in a workspace',
      { ...run, outcome: 'failed', workspace: 'Tea' },
      [
        ['agent', 'valor_agent', 1, 7],
        ['workspace', 'Tea', 1, 7],
      ],
    ],
    [
      'a run that took too long',
      { ...run, outcome: 'timeout' },
      [
        ['agent', 'valor_agent', 1, 7],
        ['workspace', '(none)', 1, 7],
      ],
    ],
    ['a run that was stopped', { ...run, outcome: 'stopped' }, []],
    ['a run that waits for a person', { ...run, outcome: 'paused' }, []],
    ['a coding run', { ...coding, stop: 'end' }, [['agent', 'claude', 0, 7]]],
    ['a coding run at its limit', { ...coding, stop: 'limit' }, [['agent', 'claude', 1, 7]]],
    ['a coding run that was cancelled', { ...coding, stop: 'cancelled' }, []],
    ['a call', { ...call, outcome: 'done' }, [['tool', 'look', 0, 7]]],
    ['a call that failed', { ...call, outcome: 'failed' }, [['tool', 'look', 1, 7]]],
    ['a call that took too long', { ...call, outcome: 'timeout' }, [['tool', 'look', 1, 7]]],
    ['a call by a name that is made up', { ...call, tool: 'rm', outcome: 'unknown-tool' }, [['tool', '(unknown)', 1, 7]]],
    ['a call that was refused', { ...call, outcome: 'refused' }, []],
    ['a call that waits for a person', { ...call, outcome: 'asked' }, []],
    ['a call that was stopped', { ...call, outcome: 'stopped' }, []],
    [
      'a reply of a model',
      {
        type: 'model-responded',
        model: 'maker-name',
        reference: 'm',
        agent: 'a',
        chatId,
        usage: NO_USAGE,
        stop: 'end',
        toolCalls: 0,
        durationMs: 7,
      },
      [['model', 'm', 0, 7]],
    ],
    [
      'what had arrived when a model broke off, which failed',
      {
        type: 'model-responded',
        model: 'maker-name',
        reference: 'm',
        agent: 'a',
        chatId,
        usage: NO_USAGE,
        stop: 'length',
        brokeOff: true,
        toolCalls: 0,
        durationMs: 7,
      },
      [],
    ],
    [
      'a model that failed',
      { type: 'model-failed', model: 'm', code: 'timeout', reason: '', next: 'none', durationMs: 7 },
      [['model', 'm', 1, 7]],
    ],
    ['a send', { ...sent }, [['gateway', 'telegram', 0, 7]]],
    ['a send that failed', { ...sent, outcome: 'failed' }, [['gateway', 'telegram', 1, 7]]],
    ['a send that has to wait', { ...sent, outcome: 'limited' }, []],
    ['a promise that was kept', { ...attempt, end: 'complete' }, [['promise', 'search', 0, 7]]],
    ['an attempt that failed', { ...attempt, end: 'fail', status: 'failed' }, [['promise', 'search', 1, 7]]],
    ['an attempt that was handed back', { ...attempt, end: 'hand-back', status: 'pending' }, []],
    ['an attempt that waits for a person', { ...attempt, end: 'await-approval', status: 'waiting' }, []],
    ['a commit', { type: 'commit-ended', what: 'turn', outcome: 'stored', durationMs: 7 }, [['commit', 'turn', 0, 7]]],
    ['a commit that failed', { type: 'commit-ended', what: 'promises', outcome: 'failed', durationMs: 7 }, [['commit', 'promises', 1, 7]]],
    ['anything else', { type: 'chat-moved', from: chatId, to: chatId }, []],
  ] as const)
    it(`counts ${what}${expected.length === 0 ? ' as nothing' : ''}`, () => {
      expect(measured(event)).to.deep.equal(expected);
    });
});
