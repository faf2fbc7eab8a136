import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { usageView } from '../../../src/adapters/views/index.ts';
import { makeReportUsage } from '../../../src/application/budgets/report-usage.ts';
import { makeTellUsage } from '../../../src/application/chat-commands/usage.ts';
import { type LedgerEntry, type MicroUsd, moneyOf, NO_USAGE } from '../../../src/domain/index.ts';
import { makeFixedClock, START, telegramChat, telegramUser } from '../../../src/testing/index.ts';

const chat = telegramChat(501);
const entry = (id: string, given: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id,
  at: START,
  on: 'model',
  name: 'anthropic/claude-opus-5-5',
  chatId: chat,
  person: telegramUser(501),
  agent: 'telegram_chat_agent',
  usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 20 },
  cost: moneyOf(800),
  ...given,
});
const stage = async (...entries: LedgerEntry[]) => {
  const { stores } = makeMemoryStorage();
  const clock = makeFixedClock();
  await stores.ledger.add(entries);
  return {
    stores,
    tell: makeTellUsage({ turns: stores.turns, ledger: stores.ledger, clock }),
    report: makeReportUsage({ ledger: stores.ledger, now: clock.now }),
  };
};

describe('The usage of a chat', () => {
  it('has its cost below its tokens, today and in all, and says what has no price', async () => {
    const { cost: _, ...unpriced } = entry('c');
    const { tell } = await stage(entry('a'), entry('b', { at: START - 86_400_000, cost: moneyOf(19_200) }), unpriced);
    expect((await tell(chat)).split('\n').at(-1)).to.equal('Cost: $0.0008 today, $0.02 in all; 1 of 3 calls have no price');
    expect(await tell(telegramChat(502))).not.to.include('Cost');
  });
});

describe('A report of usage', () => {
  it('has the shape that programs read: totals, what is reserved, and a row a group', async () => {
    const { report, stores } = await stage(entry('a'), entry('b', { workspace: 'psy', agent: 'valor_agent' }));
    const held = { id: 'r', at: START, name: 'x', chatId: chat, cost: 320_000 as MicroUsd, expiresAt: START + 1 };
    await stores.ledger.reserve(held, [], START);
    expect(usageView(await report({ by: 'workspace' }))).to.deep.equal({
      total: {
        inputTokens: 200,
        outputTokens: 40,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        costUsd: 0.0016,
        calls: 2,
        unpricedCalls: 0,
        reservedUsd: 0.32,
      },
      rows: ['', 'psy'].map((workspace) => ({
        workspace,
        inputTokens: 100,
        outputTokens: 20,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        costUsd: 0.0008,
        calls: 1,
        unpricedCalls: 0,
      })),
    });
    expect((await report({})).rows.map(({ key }) => key)).to.deep.equal(['2026-11-22']);
    expect((await report({ by: 'agent', limit: 1 })).rows).to.have.length(1);
  });
});
