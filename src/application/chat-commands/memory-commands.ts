import { originOf } from '../../domain/message/access.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { type Fact, type FactPlace, factId, factPlace } from '../../domain/recall/fact.ts';
import { MAX_FACTS } from '../../domain/recall/limits.ts';
import { InvalidValueError } from '../../domain/shared/brand.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { clockTime } from '../../domain/shared/time.ts';
import { type AccessPolicy, scopeOf, tenantOf } from '../../domain/workspace/policy.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { CommandReply } from './command-reply.ts';

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

  return {
    show: async (record: InboxMessage): Promise<string> => {
      const [known, saved] = await Promise.all([
        facts.find(placeOf(record), MAX_FACTS),
        links.count(tenantOf(policy, record.message.chat.id)),
      ]);
      const more = known.length > MAX_SHOWN ? [`and ${known.length - MAX_SHOWN} more`] : [];
      const linksSaved = saved === 0 ? [] : [`${saved} ${saved === 1 ? 'link is' : 'links are'} saved here: ask me for them.`];
      if (known.length === 0) return ['I remember nothing here. Ask me to remember something.', ...linksSaved].join('\n');
      return [
        `I remember (times in ${timeZone}):`,
        ...known.slice(0, MAX_SHOWN).map(lineOf),
        ...more,
        ...linksSaved,
        '/forget with a number forgets one; /forget all forgets these facts.',
      ].join('\n');
    },

    forget: (argument: string, record: InboxMessage): CommandReply => {
      const place = placeOf(record);
      if (argument.toLowerCase() === 'all')
        return async (within) => {
          const known = await within.facts.find(place, MAX_FACTS);
          const count = await within.facts.forget(known.map(({ id }) => id));
          return count === 0 ? 'I remember nothing here.' : `Forgotten: ${count} ${count === 1 ? 'fact' : 'facts'}.`;
        };
      const id = numberIn(argument);
      if (id === undefined) return 'Which fact? /forget with its number, as /memory lists it, or /forget all.';
      return async (within) => {
        const fact = (await within.facts.find(place, MAX_FACTS)).find((each) => each.id === id);
        if (!fact) return `There is no fact #${id} here; /memory lists them.`;
        await within.facts.forget([id]);
        return `Forgotten: #${id} ${lineExcerpt(fact.text, SHOWN_LENGTH)}`;
      };
    },
  };
};

const numberIn = (argument: string) => {
  try {
    return factId(argument);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
};
