import { expect } from 'chai';
import { immediateVerdict } from '../../../src/domain/message/inbox-message.ts';
import { decideResponse } from '../../../src/domain/message/response.ts';
import type { MessageOverrides } from '../../../src/testing/index.ts';
import { buildMessage, buildPolicy, buildWorkspace, GROUP, telegramUser } from '../../../src/testing/index.ts';

const policy = buildPolicy();
const dev = buildPolicy({ workspaces: [buildWorkspace({ isDevGroup: true })] });
const inGroup = (overrides: MessageOverrides = {}) => buildMessage({ chatId: GROUP, chatKind: 'group', ...overrides });
const decide = (...args: Parameters<typeof decideResponse>) => {
  const { action, rule } = decideResponse(...args);
  return `${action}: ${rule}`;
};
const bot = { id: telegramUser(7), username: 'weather_bot', kind: 'bot' } as const;

describe('message rule 5: answering', () => {
  it('a direct message is always answered', () => {
    expect(decide(policy, buildMessage())).to.equal('answer: direct-message');
    expect(decide(policy, buildMessage({ addressedTo: 'other' }))).to.equal('answer: direct-message');
  });

  it('every message of a dev group is answered', () => {
    expect(decide(dev, inGroup())).to.equal('answer: dev-group');
    expect(decide(dev, inGroup({ addressedTo: 'us' }))).to.equal('answer: addressed-to-us');
  });

  it('a message of a dev group that speaks to somebody else is remembered', () => {
    expect(decide(dev, inGroup({ addressedTo: 'other' }))).to.equal('remember: addressed-to-other');
  });

  it('a message of another group is answered when it mentions us or replies to us', () => {
    expect(decide(policy, inGroup({ addressedTo: 'us' }))).to.equal('answer: addressed-to-us');
  });

  it('a message of another group that does not is remembered', () => {
    expect(decide(policy, inGroup())).to.equal('remember: not-addressed');
    expect(decide(policy, inGroup({ addressedTo: 'other' }))).to.equal('remember: addressed-to-other');
  });

  it('another dev group makes this one none', () => {
    const two = buildPolicy({ workspaces: [buildWorkspace(), buildWorkspace({ name: 'Dev', chatIds: [], isDevGroup: true })] });
    expect(decide(two, inGroup())).to.equal('remember: not-addressed');
  });

  it('a message without words is ignored', () => {
    for (const message of [buildMessage({ text: '' }), buildMessage({ text: ' \n\t' }), inGroup({ text: '', addressedTo: 'us' })])
      expect(decide(dev, message)).to.equal('ignore: empty');
  });
});

describe("message rule 1: other bots' messages", () => {
  it('are remembered, not answered, wherever and to whomever they speak', () => {
    for (const message of [buildMessage({ sender: bot }), inGroup({ sender: bot }), inGroup({ sender: bot, addressedTo: 'us' })])
      expect(decide(dev, message)).to.equal('remember: other-bot');
  });
});

describe('the verdict of a message just received', () => {
  const allowed = { allowed: true, rule: 'workspace-group', path: 'p' } as const;

  it('is that of the decisions, and stays open for what is to be answered', () => {
    const verdict = (action: 'answer' | 'remember' | 'ignore') => immediateVerdict(allowed, { action, rule: 'dev-group' });
    expect(verdict('answer')).to.equal(undefined);
    expect(verdict('remember')).to.deep.equal({ kind: 'remembered' });
    expect(verdict('ignore')).to.deep.equal({ kind: 'ignored' });
  });

  it('is denied when access is, whatever else was decided', () => {
    const denied = { ...allowed, allowed: false };
    expect(immediateVerdict(denied)).to.deep.equal({ kind: 'denied' });
    expect(immediateVerdict(denied, { action: 'answer', rule: 'direct-message' })).to.deep.equal({ kind: 'denied' });
  });
});
