import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../../src/adapters/system/index.ts';
import { makeTelegramGateway } from '../../../src/adapters/telegram/index.ts';
import { type AccessPolicy, type Kept, makeKept, NO_USAGE, type PromiseExecutor } from '../../../src/index.ts';
import { makeScriptedModel, type ScriptedModel, type ScriptedStep, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { ANN, onStage, type Stage, supergroupId } from './gateway-stage.ts';
import { callsOf, comments, forumTopic, placeNamed, privateTopic, saidBy, THREADS, type Threaded } from './thread-places.ts';

const directory = tmpdir();

/** Ann may write, and the group with all its threads is answered without a mention. */
const policy: AccessPolicy = {
  workspaces: [
    { name: 'Acme', aliases: [], description: '', type: 'x', directory, chatIds: [telegramChat(supergroupId)], isDevGroup: true },
  ],
  whitelist: {
    userIds: new Map([[telegramUser(ANN), { path: 'allowed_user_ids', description: 'Ann' }]]),
    usernames: new Map(),
    defaultDirectory: directory,
  },
};

const OUTCOME = ['first', 'second', 'third'].map((word) => `${word} ${'x'.repeat(3_980)}`).join('\n\n');
const executor: PromiseExecutor = { execute: async () => ({ text: OUTCOME, usage: NO_USAGE, model: 'scripted-1' }) };

/** A whole Kept on memory, with Telegram for its only gateway. */
const living = async (
  { settings, state }: Stage,
  script: readonly ScriptedStep[],
  use: (model: ScriptedModel, kept: Kept) => Promise<void>,
): Promise<void> => {
  const storage = makeMemoryStorage();
  const gateway = makeTelegramGateway({ settings, state, clock, randomness, isOurs: () => false });
  const model = makeScriptedModel(script);
  const kept = makeKept({ ...storage, storage, model, executor, gateways: [gateway], clock, randomness, policy });
  await kept.start();
  try {
    await use(model, kept);
  } finally {
    await kept.stop();
  }
};

const saidIn = ({ server }: Stage, text: string) => server.sent.until((sent) => sent.text.startsWith(text), 20_000);

describe('A thread of a Telegram chat, to Kept', () => {
  for (const [name, makeTwo] of [
    ['topics of a forum', (stage: Stage) => [forumTopic(stage, 'Deploys'), forumTopic(stage, 'Lunch')]],
    ['comments on two posts', (stage: Stage) => [comments(stage, 'one post'), comments(stage, 'another post')]],
    ['topics of a private chat', (stage: Stage) => [privateTopic(stage, 'Deploys'), privateTopic(stage, 'Lunch')]],
  ] as const)
    it(`has a conversation of its own: ${name} share nothing`, () =>
      onStage({}, async (stage) => {
        const [one, other] = makeTwo(stage) as [Threaded, Threaded];
        const script = ['noted', 'no idea', 'it is green'].map((text) => ({ text }));
        await living(stage, script, async (model) => {
          one.say('the colour is green');
          await saidIn(stage, 'noted');
          other.say('what colour is it?');
          await saidIn(stage, 'no idea');
          one.say('and again, which colour?');
          await saidIn(stage, 'it is green');
          const said = model.requests.map(({ conversation }) => JSON.stringify(conversation));
          expect(said.map((words) => words.includes('the colour is green'))).to.deep.equal([true, false, true]);
          expect(said.map((words) => words.includes('what colour is it?'))).to.deep.equal([false, true, false]);
          expect(saidBy(stage, one.room)).to.deep.equal([
            ['noted', one.thread],
            ['no idea', other.thread],
            ['it is green', one.thread],
          ]);
        });
      }));

  for (const [name, make] of THREADS)
    it(`has the outcome of its promise, in all parts, and the answers to its commands in it: ${name}`, () =>
      onStage({}, async (stage) => {
        const where = make(stage);
        const script = [
          { toolCalls: [{ id: '1', tool: 'make_promise', input: { description: 'look into it' } }], stop: 'tool_calls' as const },
          { text: 'I will look into it.' },
        ];
        await living(stage, script, async () => {
          where.say('please look into it');
          await saidIn(stage, 'third');
          where.say('/ping');
          await saidIn(stage, 'pong');
          const said = saidBy(stage, where.room);
          expect(said.map(([text]) => text.slice(0, 6))).to.deep.equal(['I will', 'Promis', 'second', 'third ', 'pong: ']);
          expect(said.map(([, thread]) => thread)).to.deep.equal(said.map(() => where.thread));
          const sends = callsOf(stage, 'messages.sendMessage', 'messages.sendMedia');
          expect(sends.map((call) => placeNamed(call)[1])).to.deep.equal(sends.map(() => where.thread));
        });
      }));
});
