import { expect } from 'chai';
import { MAX_DENIALS_PER_HOUR, makeAuditedDenials } from '../../../src/application/audit/denials.ts';
import type { AuditFact } from '../../../src/domain/audit/audit.ts';
import type { AccessRule } from '../../../src/domain/message/access.ts';
import { buildMessage, GROUP, START, telegramChat, telegramUser } from '../../../src/testing/index.ts';

const HOUR = 60 * 60 * 1000;
const from = (person: number, group = false) =>
  buildMessage({
    ...(group ? { chatId: GROUP, chatKind: 'group' as const } : { chatId: telegramChat(person) }),
    sender: { id: telegramUser(person), kind: 'person' },
  });

const stage = () => {
  const denials = makeAuditedDenials();
  return (message: ReturnType<typeof from>, at = START, rule: AccessRule = 'not-whitelisted'): AuditFact | undefined => {
    const access = { allowed: false, rule, path: 'dm_whitelist' };
    const fact = denials.factOf(message, access, at);
    denials.stored(message, access, at, fact !== undefined);
    return fact;
  };
};

describe('The denials in the audit log', () => {
  it('tell of the first one of a person in a day, with its rule and place, and how many had none', () => {
    const deny = stage();
    expect(deny(from(666))).to.deep.equal({
      at: START,
      kind: 'denied',
      actor: 'telegram:666',
      facts: { chatId: 'telegram:666', messageId: 'telegram:1', rule: 'not-whitelisted', path: 'dm_whitelist' },
    });
    for (let n = 1; n < 5_000; n++) expect(deny(from(666), START + n)).to.equal(undefined);
    expect(deny(from(667), START + HOUR)?.facts).to.include({ notTold: 4_999 });
    expect(deny(from(668), START + HOUR)?.facts).not.to.have.property('notTold');
    expect(deny(from(666), START + 24 * HOUR)?.facts).to.include({ rule: 'not-whitelisted' });
  });

  it('tell of a group once, whoever writes there, and of each rule by itself', () => {
    const deny = stage();
    expect(deny(from(1, true), START, 'unmapped-group')).not.to.equal(undefined);
    expect(deny(from(2, true), START, 'unmapped-group')).to.equal(undefined);
    expect(deny(from(2, true), START, 'group-not-allowed')).not.to.equal(undefined);
  });

  it('are bounded in an hour, however many strangers write', () => {
    const deny = stage();
    const told = (at: number) => Array.from({ length: 500 }, (_, n) => deny(from(1_000 + at + n), START + at)).filter(Boolean).length;
    expect([told(0), told(HOUR - 1), told(HOUR), told(-HOUR)]).to.deep.equal([
      MAX_DENIALS_PER_HOUR,
      0,
      MAX_DENIALS_PER_HOUR,
      MAX_DENIALS_PER_HOUR,
    ]);
  });

  it('say nothing of what the agent says itself', () => {
    const deny = stage();
    expect(deny(from(1), START, 'own-message')).to.equal(undefined);
    expect(deny(from(2))?.facts).not.to.have.property('notTold');
  });
});
