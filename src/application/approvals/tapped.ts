import { cardContext } from '../../domain/approval/card-context.ts';
import { cardKey, readButton, statusLine } from '../../domain/approval/card-text.ts';
import { roomOf } from '../../domain/chat/ids.ts';
import { capitalised } from '../../domain/shared/capitalised.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { ButtonTap } from '../../ports/chat-gateway.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { Approvals, DecidedBy } from '../../ports/use-cases/approvals.ts';

const UNKNOWN = 'This button says nothing to me.';
const NO_PERSON = 'Only a person can decide this.';

/** Decides by a tap of a card's button. Resolves to words for whoever tapped. */
export type DecideByTap = (tap: ButtonTap) => Promise<string>;

/**
 * Nothing of a tap is believed but where it was made and by whom, which the gateway tells. Its data must be that of
 * this very card. Who may decide, and whether it still can be decided, `decide` says.
 */
export const makeDecideByTap = ({
  approvals,
  outbox,
  policy,
}: {
  readonly approvals: Pick<Approvals, 'get' | 'decide'>;
  readonly outbox: Pick<OutboxStore, 'named'>;
  /** Names people. */
  readonly policy: AccessPolicy;
}): DecideByTap => {
  /** A platform may tell only the room of a tap in a thread: the number of the card is unique there. */
  const isOfCard = async ({ chatId, messageId }: ButtonTap, key: string): Promise<boolean> => {
    const card = await outbox.named(key);
    if (!card || roomOf(card.chatId) !== roomOf(chatId)) return false;
    // Which message it became may not be recorded yet, or never be known.
    return card.status !== 'sent' || card.sentMessageId === undefined || card.sentMessageId === messageId;
  };

  return async (tap) => {
    const button = readButton(tap.data);
    if (!button || !(await isOfCard(tap, cardKey(button.id)))) return UNKNOWN;
    const { id, username, kind } = tap.sender;
    if (kind !== 'person' && kind !== 'operator') return NO_PERSON;
    const approval = await approvals.get(button.id);
    if (!approval) return UNKNOWN;
    const { call, chatKind } = approval;
    const origin = { chatId: call.chatId, chatKind, senderId: id, ...present({ username }) };
    const by: DecidedBy = kind === 'operator' ? { kind } : { kind, origin };
    const decided = await approvals.decide(button.id, button.verdict, by, { token: button.token });
    if (decided.ok) return decided.value.status === 'denied' ? 'Denied. It does not run.' : 'Approved. It runs next.';
    const { code, message } = decided.error;
    // Who decided, by name: the card may not say so yet.
    const now = code === 'approval/already-decided' ? await approvals.get(button.id) : undefined;
    return now ? statusLine(now, cardContext(policy, now)) : capitalised(message.replace(/[.!?]*$/, '.'));
  };
};
