import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import type { Account, Heard } from '../account.ts';
import { type Context, messageIdOf, type Question, wordsOf } from '../context.ts';
import { asBot, directPeer, say } from '../groups.ts';

const react = (account: Account, peer: Api.TypeInputPeer, msgId: number): Promise<Api.TypeUpdates> =>
  account.call(new Api.messages.SendReaction({ peer, msgId, reaction: [new Api.ReactionEmoji({ emoticon: '👍' })] }));

const namesOf = (updates: Api.TypeUpdates): string => {
  const inner = updates instanceof Api.Updates || updates instanceof Api.UpdatesCombined ? updates.updates : [updates];
  return inner.length === 0 ? 'nothing' : inner.map(({ className }) => className).join(', ');
};

interface Place {
  readonly name: string;
  /** The chat as the person and as the bot name it. */
  readonly person: Api.TypeInputPeer;
  readonly bot: Api.TypeInputPeer;
}

const placesOf = async (context: Context, person: Account, bot: Account): Promise<readonly Place[]> => {
  const basic = await context.groups.basic(bot);
  const supergroup = await context.groups.supergroup();
  await context.groups.invite(supergroup, bot);
  const direct = new Api.InputPeerUser({ userId: returnBigInt(person.id), accessHash: returnBigInt(0) });
  return [
    { name: 'direct chat', person: await directPeer(person, bot), bot: direct },
    { name: 'basic group', person: basic, bot: basic },
    { name: 'supergroup', person: supergroup, bot: asBot(supergroup) },
  ];
};

export const reactionResults: Question = {
  number: 2,
  title: 'What does messages.sendReaction answer, to bots and people, in each kind of chat?',
  ask: async (context) => {
    const [person, bot] = [await context.account('person'), await context.account('bot')];
    const answers: string[] = [];
    const evidence: Record<string, unknown> = {};
    for (const place of await placesOf(context, person, bot)) {
      const words = `@${bot.username} reaction in a ${place.name}`;
      let own = 0;
      const heard = await context.hear(bot, async () => {
        own = (await say(person, place.person, words)).id;
      });
      for (const [role, account, peer, id] of [
        ['bot', bot, place.bot, () => messageIdOf(heard, words)],
        ['person', person, place.person, () => own],
      ] as const) {
        const where = `${role} in a ${place.name}`;
        try {
          const result = await react(account, peer, id());
          answers.push(`${where}: ${namesOf(result)}`);
          evidence[where] = context.shape(result);
        } catch (error) {
          answers.push(`${where}: ${wordsOf(error)}`);
        }
        await context.prompts.wait(context.pace.sendMs);
      }
    }
    return { answer: answers.join('; '), evidence };
  },
};

const isEdit = (update: Heard): update is Api.UpdateEditMessage | Api.UpdateEditChannelMessage =>
  update instanceof Api.UpdateEditMessage || update instanceof Api.UpdateEditChannelMessage;

const toldOf = (heard: readonly Heard[]): string => {
  if (heard.length === 0) return 'nothing';
  return heard
    .map((update) =>
      isEdit(update) && update.message instanceof Api.Message
        ? `${update.className} (edit_hide ${update.message.editHide === true})`
        : update.className,
    )
    .join(', ');
};

export const reactionsHeard: Question = {
  number: 3,
  title: 'What is a bot told when another member reacts, also to a message from before it joined?',
  ask: async (context) => {
    const [person, bot] = [await context.account('person'), await context.account('bot')];
    const group = await context.groups.supergroup();
    const { id: before } = await say(person, group, `@${bot.username} from before the bot joined`);
    await context.groups.invite(group, bot);
    const { id: after } = await say(person, group, `@${bot.username} after the bot joined`);
    const { id: own } = await say(bot, asBot(group), 'the bot’s own');
    const answers: string[] = [];
    const evidence: Record<string, unknown> = {};
    for (const [what, id] of [
      ['a message from before it joined', before],
      ['a message that it was told of', after],
      ['its own message', own],
    ] as const) {
      const heard = await context.hear(bot, () => react(person, group, id));
      answers.push(`${what}: ${toldOf(heard)}`);
      evidence[what] = context.shape(heard);
    }
    return { answer: answers.join('; '), evidence };
  },
};
