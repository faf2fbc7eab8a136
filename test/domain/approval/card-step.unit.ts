import { strict as assert } from 'node:assert';
import { cardStep } from '../../../src/domain/approval/card-step.ts';
import type { OutboxId, OutboxItem } from '../../../src/domain/index.ts';
import { buildOutboxDraft, START, telegramChat, telegramMessage } from '../../../src/testing/index.ts';

const base = { ...buildOutboxDraft({ dedupeKey: 'approval:4' }), id: 1 as OutboxId, attempts: 0 };
const pending: OutboxItem = { ...base, status: 'pending', dueAt: START };
const failed: OutboxItem = { ...base, status: 'failed', failedAt: START, lastError: 'refused' };
const sent: OutboxItem = { ...base, status: 'sent', sentAt: START, sentMessageId: telegramMessage(90) };
const moved: OutboxItem = { ...sent, chatId: telegramChat(-42) };
const nameless: OutboxItem = { ...base, status: 'sent', sentAt: START };
const edit = { type: 'edit', messageId: telegramMessage(90) };
const tell = { type: 'tell', replyTo: telegramMessage(90) };

describe('The next step of a card', () => {
  for (const [what, status, card, canEdit, step] of [
    ['waits until the card is sent', 'approved', pending, true, { type: 'wait' }],
    ['leaves a card that nobody saw', 'denied', failed, true, { type: 'leave' }],
    ['leaves a card that there is not', 'denied', undefined, true, { type: 'leave' }],
    ['leaves a card that asks', 'asked', sent, true, { type: 'leave' }],
    ['edits what was approved', 'approved', sent, true, edit],
    ['edits what is done', 'done', sent, true, edit],
    ['edits what failed', 'failed', sent, true, edit],
    ['edits what was denied', 'denied', sent, true, edit],
    ['edits what expired', 'expired', sent, true, edit],
    ['tells where nothing can be edited', 'denied', sent, false, tell],
    ['tells of a failure where nothing can be edited', 'failed', sent, false, tell],
    ['leaves what is done to the result where nothing can be edited', 'done', sent, false, { type: 'leave' }],
    ['tells where nobody knows which message the card is', 'approved', nameless, true, { type: 'tell' }],
    ['tells of what is done where the chat has moved', 'done', moved, true, { type: 'tell', isElsewhere: true }],
    ['leaves a card that asks where the chat has moved', 'asked', moved, true, { type: 'leave' }],
  ] as const)
    it(what, () => {
      assert.deepEqual(cardStep({ status, call: base }, card, canEdit), step);
    });
});
