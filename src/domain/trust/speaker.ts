import { isLocalChat } from '../chat/ids.ts';
import type { IncomingMessage } from '../message/message.ts';
import { roleOf } from '../rights/decide-right.ts';
import type { AccessPolicy } from '../workspace/policy.ts';
import type { Provenance, TrustLabel } from './labels.ts';

/** What decides whose words they are: who says them, where, and whether somebody else has said them before. */
export type SpokenBy = Pick<IncomingMessage, 'chat' | 'sender' | 'forwarded' | 'files'>;

/** What decides which role somebody has. */
export type Roles = Pick<AccessPolicy, 'workspaces' | 'people'>;

/**
 * Whose words somebody's words are: a guest's where they come from a guest, a bot or somebody who can't be known, or
 * where they were forwarded.
 */
export const labelOfSpeaker = (policy: Roles, { chat, sender, forwarded }: SpokenBy): TrustLabel => {
  if (forwarded) return 'guest';
  switch (sender.kind) {
    case 'self':
      return 'agent';
    case 'operator':
      return isLocalChat(chat.id) ? 'operator' : 'guest';
    case 'bot':
    case 'anonymous':
    case 'service':
      return 'guest';
    case 'person':
      return roleOf(policy, { chatId: chat.id, senderId: sender.id }).role === 'guest' ? 'guest' : 'member';
  }
};

/**
 * Where the words of a message come from: with files, their names stand among them, which somebody else has given. What
 * is said in a voice message is its speaker's. What it quotes is labelled beside it.
 */
export const provenanceOfMessage = (policy: Roles, message: SpokenBy): Provenance => {
  const hasNames = message.files?.some(({ kind, words }) => kind !== 'voice' && words !== '') ?? false;
  return { labels: [labelOfSpeaker(policy, message), ...(hasNames ? (['file'] as const) : [])] };
};
