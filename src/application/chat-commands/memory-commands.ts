import type { ChatId } from '../../domain/chat/ids.ts';
import type { RecallEvent } from '../../domain/events/recall-events.ts';
import { originOf } from '../../domain/message/access.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { type Fact, type FactId, type FactPlace, factId, factPlace } from '../../domain/recall/fact.ts';
import { MAX_FACTS_SEEN } from '../../domain/recall/limits.ts';
import { type Link, readLink } from '../../domain/recall/link.ts';
import { InvalidValueError } from '../../domain/shared/brand.ts';
import { excerpt, lineExcerpt } from '../../domain/shared/excerpt.ts';
import { plural } from '../../domain/shared/plural.ts';
import { clockTime } from '../../domain/shared/time.ts';
import { type AccessPolicy, scopeOf, tenantOf } from '../../domain/workspace/policy.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { CommandReply, Done } from './command-reply.ts';
import { refusedRight } from './refused-right.ts';

/** More would be no list that somebody reads. */
const MAX_SHOWN = 50;
const SHOWN_LENGTH = 300;

/** `/memory` and `/forget`: what is remembered of the workspace of a chat, and of the person who asks. */
export const makeMemoryCommands = ({
  stores: { facts, links },
  policy,
  timeZone = 'UTC',
}: {
  readonly stores: Pick<Stores, 'facts' | 'links'>;
  readonly policy: AccessPolicy;
  readonly timeZone?: string;
}) => {
  const placeOf = ({ message }: InboxMessage): FactPlace =>
    factPlace(message.sender.id, message.chat, scopeOf(policy, originOf(message)).workspace);

  const lineOf = ({ id, text, workspace, saidBy, saidAt }: Fact): string =>
    `#${id} ${lineExcerpt(text, SHOWN_LENGTH)} (${workspace === undefined ? 'about you' : `${lineExcerpt(saidBy.name, 60)}, for ${workspace}`}, ${clockTime(saidAt, timeZone)})`;

  const forgetAll =
    (place: FactPlace, chatId: ChatId): CommandReply =>
    async (within) => {
      const known = await within.facts.find(place, MAX_FACTS_SEEN);
      await within.facts.forget(known.map(({ id }) => id));
      if (known.length === 0) return NOTHING;
      return forgotten(`Forgotten: ${plural(known.length, 'fact')} ${whose(known)}. ${SAID_STAYS}`, known, chatId);
    };

  const forgetOne =
    (id: FactId, place: FactPlace, chatId: ChatId): CommandReply =>
    async (within) => {
      const fact = (await within.facts.find(place, MAX_FACTS_SEEN)).find((each) => each.id === id);
      if (!fact) return `There is no fact #${id} here; /memory lists them.`;
      await within.facts.forget([id]);
      return forgotten(`Forgotten: #${id} ${lineExcerpt(fact.text, SHOWN_LENGTH)}\n${SAID_STAYS}`, [fact], chatId);
    };

  const forgetLink =
    ({ key, url }: Pick<Link, 'key' | 'url'>, chatId: ChatId): CommandReply =>
    async (within) =>
      (await within.links.remove(tenantOf(policy, chatId), key))
        ? { text: `The link ${excerpt(url, SHOWN_LENGTH)} is saved no more. ${SAID_STAYS}`, events: [{ type: 'link-forgotten', chatId }] }
        : 'That link is not saved here.';

  return {
    show: async (record: InboxMessage): Promise<string> => {
      const { chat } = record.message;
      const [known, saved] = await Promise.all([facts.find(placeOf(record), MAX_FACTS_SEEN), links.count(tenantOf(policy, chat.id))]);
      const lines =
        known.length === 0
          ? [`${NOTHING} Ask me to remember something.`]
          : [
              `I remember (times in ${timeZone}):`,
              ...known.slice(0, MAX_SHOWN).map(lineOf),
              ...(known.length > MAX_SHOWN ? [`and ${known.length - MAX_SHOWN} more: ask me for them.`] : []),
              `/forget with a number forgets one; /forget all forgets ${known.length === 1 ? 'it, too' : `all ${known.length}`}.`,
            ];
      return [
        ...lines,
        ...(saved === 0
          ? []
          : [`${plural(saved, 'link')} ${saved === 1 ? 'is' : 'are'} saved here: ask me for them. /forget with a link removes it.`]),
        ...(chat.kind === 'direct' ? [] : ['What you told me about yourself in other chats is not shown here.']),
      ].join('\n');
    },

    forget: (argument: string, record: InboxMessage): CommandReply => {
      const { id: chatId } = record.message.chat;
      const refused = refusedRight(policy, record, 'use-tool', { ...FORGETTING, deed: 'have anything forgotten here' });
      if (refused) return refused;
      if (argument.toLowerCase() === 'all') return forgetAll(placeOf(record), chatId);
      const link = readLink(argument);
      if (link) return forgetLink(link, chatId);
      const id = numberIn(argument);
      if (id === undefined) return 'Which fact? /forget with its number, as /memory lists it, /forget all, or /forget with a link.';
      return forgetOne(id, placeOf(record), chatId);
    },
  };
};

/** As where a model forgets it for them. */
const FORGETTING = { tool: { name: 'forget', effect: 'decides' } } as const;

const NOTHING = 'I remember nothing here.';
const SAID_STAYS = 'What was said in the chat stays in its history.';

const forgotten = (text: string, facts: readonly Fact[], chatId: ChatId): Done => ({
  text,
  events: facts.map(({ id }): RecallEvent => ({ type: 'fact-forgotten', factId: id, chatId, by: 'command' })),
});

/** Of which owners these facts were. */
const whose = (facts: readonly Fact[]): string => {
  const ours = facts.filter(({ workspace }) => workspace !== undefined);
  const about = facts.length - ours.length;
  if (ours.length === 0) return 'about you';
  const named = `for ${ours[0]?.workspace}`;
  return about === 0 ? named : `(${ours.length} ${named}, ${about} about you)`;
};

const numberIn = (argument: string) => {
  try {
    return factId(argument);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
};
