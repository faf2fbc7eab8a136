import type { Approval } from '../../domain/approval/approval.ts';
import type { OutboxDraft } from '../../domain/outbox/outbox.ts';
import { excerptWithLength } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Randomness } from '../../ports/randomness.ts';

const MAX_SHOWN = 3_000;

/** The message that asks people for an approval, with a button for each answer. */
export const approvalCard = (approval: Approval, at: number, randomness: Pick<Randomness, 'id'>): OutboxDraft => ({
  chatId: approval.call.chatId,
  text: cardText(approval),
  ...present({ replyTo: approval.messageId }),
  answers: [],
  buttons: [
    { label: 'Approve', data: `a:${approval.token}` },
    { label: 'Deny', data: `d:${approval.token}` },
  ],
  dedupeKey: `approval:${approval.id}`,
  deliveryKey: randomness.id(),
  createdAt: at,
});

const cardText = ({ id, call, agent, reason }: Approval): string =>
  [
    `Approval #${id}: ${agent} wants to call ${call.tool}.`,
    reason,
    excerptWithLength(JSON.stringify(call.input) ?? '', MAX_SHOWN),
    `Directory: ${call.directory}`,
    `/approve ${id} runs it, /deny ${id} does not.`,
  ].join('\n');
