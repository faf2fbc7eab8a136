import { Api } from 'telegram/tl/index.js';
import type { Heard } from '../account.ts';
import { type Question, Skip } from '../context.ts';
import { asBot, channelOf, say } from '../groups.ts';

const ptsIn = (heard: readonly Heard[]): number => {
  const told = heard.findLast((update) => update instanceof Api.UpdateNewChannelMessage);
  if (!(told instanceof Api.UpdateNewChannelMessage)) throw new Skip('the bot was not told of a mention in a supergroup');
  return told.pts;
};

const described = (difference: Api.updates.TypeChannelDifference): string => {
  if (difference instanceof Api.updates.ChannelDifferenceTooLong) return `${difference.className}, ${difference.messages.length} messages`;
  if (difference instanceof Api.updates.ChannelDifferenceEmpty) return `${difference.className}, pts ${difference.pts}`;
  return `${difference.className}, ${difference.newMessages.length} messages, ${difference.final ? 'final' : 'a slice'}, pts ${difference.pts}`;
};

export const privacyMode: Question = {
  number: 4,
  title: 'What does a bot with privacy mode get of a supergroup that it can’t see into?',
  ask: async (context) => {
    const [person, bot] = [await context.account('person'), await context.account('bot')];
    if (bot.user.botChatHistory) throw new Skip('this bot’s privacy mode is off: @BotFather switches it on (/setprivacy)');
    const group = await context.groups.supergroup();
    await context.groups.invite(group, bot);
    const from = ptsIn(await context.hear(bot, () => say(person, group, `@${bot.username} before`)));
    const unseen: number[] = [];
    for (let n = 0; n < context.pace.unseen; n++) {
      unseen.push((await say(person, group, `unseen ${n}`)).id);
      await context.prompts.wait(context.pace.sendMs);
    }
    const to = ptsIn(await context.hear(bot, () => say(person, group, `@${bot.username} after`)));
    const channel = channelOf(asBot(group) as Api.InputPeerChannel);
    const differences: Record<string, string> = {};
    for (const limit of [100, 100_000]) {
      const filter = new Api.ChannelMessagesFilterEmpty();
      differences[`limit ${limit}`] = described(
        await bot.call(new Api.updates.GetChannelDifference({ channel, filter, pts: from, limit })),
      );
    }
    const asked = unseen.slice(0, 5).map((id) => new Api.InputMessageID({ id }));
    const found = await bot.call(new Api.channels.GetMessages({ channel, id: asked }));
    const messages = 'messages' in found ? found.messages.map(({ className }) => className) : [found.className];
    const told = Object.entries(differences).map(([limit, what]) => `${limit}: ${what}`);
    return {
      answer: `pts moved by ${to - from} over ${unseen.length} unseen messages; ${told.join('; ')}; unseen by number: ${messages.join(', ')}`,
      evidence: { from, to, differences, unseenByNumber: messages },
    };
  },
};

export const namedGroups: Question = {
  number: 5,
  title: 'Does updates.getDifference name every supergroup that moved while a bot was away?',
  ask: async (context) => {
    const [person, bot] = [await context.account('person'), await context.account('bot')];
    const groups: Api.InputPeerChannel[] = [];
    for (let n = 0; n < context.pace.groups; n++) {
      const group = await context.groups.supergroup();
      await context.groups.invite(group, bot);
      await context.hear(bot, () => say(person, group, `@${bot.username} hello`));
      groups.push(group);
    }
    const before = await bot.call(new Api.updates.GetState());
    await bot.cut();
    for (const group of groups) {
      await say(person, group, `@${bot.username} while you were away`);
      await context.prompts.wait(context.pace.sendMs);
    }
    await bot.reopen();
    const named = new Set<string>();
    const parts: unknown[] = [];
    for (let { pts, qts, date } = before, more = true; more; ) {
      const difference = await bot.call(new Api.updates.GetDifference({ pts, qts, date }));
      parts.push(context.shape(difference));
      const updates = 'otherUpdates' in difference ? difference.otherUpdates : [];
      for (const update of updates) {
        if (update instanceof Api.UpdateChannelTooLong) named.add(String(update.channelId));
        if (update instanceof Api.UpdateNewChannelMessage && update.message.peerId instanceof Api.PeerChannel)
          named.add(String(update.message.peerId.channelId));
      }
      more = difference instanceof Api.updates.DifferenceSlice;
      if (difference instanceof Api.updates.DifferenceSlice) ({ pts, qts, date } = difference.intermediateState);
    }
    const count = groups.filter(({ channelId }) => named.has(String(channelId))).length;
    return { answer: `it names ${count} of ${groups.length} supergroups that moved`, evidence: parts };
  },
};
