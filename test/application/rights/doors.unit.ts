import { expect } from 'chai';
import { makeMayCall, makeToolCatalog } from '../../../src/application/index.ts';
import { approvalId, DEFAULT_RETRY, type KeptEvent, makePromise, makeTurnDraft, promiseId } from '../../../src/domain/index.ts';
import { type ToolContext, toolSource } from '../../../src/ports/index.ts';
import { buildApproval, buildMessage, buildPromise, buildTool, START, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import {
  CELLS,
  type Expected,
  expectedOf,
  PERSONS,
  type PersonName,
  type PlaceName,
  placeOf,
  policy,
} from '../../domain/rights/rights-table.ts';
import { makeProcess, makeWorld } from '../support/harness.ts';

const running = new AbortController().signal;
const OWN = promiseId(1);
const OTHERS = promiseId(2);

/** A process with two promises in the place: one that the person asked for, and one of somebody else. */
const stage = async (name: PersonName, placeName: PlaceName) => {
  const who = PERSONS[name];
  const place = placeOf(placeName, who);
  const world = makeWorld();
  const process = makeProcess(world, { policy });
  const { stores } = world.storage;
  const terms = { chatId: place.id, chatKind: place.kind };
  await stores.promises.add([
    buildPromise({ id: OWN, ...terms, requestedBy: { id: who.id } }),
    buildPromise({ id: OTHERS, ...terms, requestedBy: { id: telegramUser(999) } }),
  ]);
  let n = 0;
  /** What the command is answered with; undefined where it is not answered at all. */
  const say = async (text: string): Promise<string | undefined> => {
    const messageId = telegramMessage(++n);
    await process.receive(
      buildMessage({ chatId: place.id, chatKind: place.kind, messageId, sender: who, text, addressedTo: 'us', sentAt: START }),
    );
    await process.answerChat(place.id, running);
    return (await stores.outbox.answering(place.id, messageId))[0]?.text;
  };
  const statusOf = async (id: typeof OWN) => (await stores.promises.get(id))?.status;
  const denials = (): readonly KeptEvent[] =>
    process.recorded.events.filter(({ type }) => type === 'right-denied' || type === 'message-denied');
  return { process, place, who, say, statusOf, denials, stores };
};

/** Whoever is heard at all: bots are only listened to, the others of these are not let in. */
const isAnswered = (name: PersonName, place: PlaceName): boolean => expectedOf(name, place, 'ask').allowed;
/** No gateway brings a message of one person in the chat of another; one that came so would do nothing. */
const isElsewhere = (name: PersonName, place: PlaceName): boolean => expectedOf(name, place, 'ask').rule === 'others-chat';
/** The operator writes in local chats alone: elsewhere, by command line and HTTP. */
const inChats = CELLS.filter(({ name, place }) => name !== 'operator' || place === 'local');

const COMMANDS: readonly (readonly [deed: string, command: string])[] = [
  ['cancel-others', '/cancel 2'],
  ['cancel-own', '/cancel 1'],
  ['retry-others', '/retry 2'],
  ['retry-own', '/retry 1'],
  ['usage', '/usage'],
  ['anew', '/new'],
];

describe('The doors of a chat', () => {
  for (const { name, place } of inChats)
    it(`commands: ${name} in ${place}`, async () => {
      const { process, who, say, statusOf, denials } = await stage(name, place);
      for (const [deed, command] of COMMANDS) {
        if (deed === 'retry-others')
          for (const id of [OWN, OTHERS]) {
            // What is to be retried was cancelled before, by whom does not matter.
            if ((await statusOf(id)) !== 'cancelled') await process.cancel(id);
          }
        const before = denials().length;
        const answer = await say(command);
        const expected: Expected = expectedOf(name, place, deed);
        if (!isAnswered(name, place) && !isElsewhere(name, place)) {
          expect(answer, command).to.equal(undefined);
          if (who.kind !== 'bot')
            expect(denials().at(-1), command).to.include({ type: 'message-denied', rule: expected.rule, path: expected.path });
        } else if (expected.allowed) {
          expect(denials().slice(before), command).to.deep.equal([]);
          expect(answer, command).to.match(/was cancelled|will be tried again|Tokens used|A new conversation begins/);
        } else {
          expect(answer, command).to.match(
            /^You may not .+: (you are a guest here|this is somebody else's .+)\. .*[Ww]hoever runs Kept can help\.$/,
          );
          expect(denials().length, command).to.equal(before + 1);
          expect(denials().at(-1), command).to.include({ rule: expected.rule, path: expected.path, door: 'command' });
        }
        const target = /\d/.exec(command)?.[0];
        if (target === undefined) continue;
        const done = command.startsWith('/cancel') ? 'cancelled' : 'pending';
        const left = command.startsWith('/cancel') ? 'pending' : 'cancelled';
        expect(await statusOf(promiseId(Number(target))), command).to.equal(expected.allowed ? done : left);
      }
    });

  for (const { name, place } of inChats.filter((cell) => isAnswered(cell.name, cell.place)))
    it(`approvals: ${name} in ${place}`, async () => {
      const { place: where, who, say, stores } = await stage(name, place);
      // In their own conversation, all that is asked about was asked for by themselves.
      const requestedBy = { id: where.kind === 'direct' ? who.id : telegramUser(999) };
      const about = { chatKind: where.kind, requestedBy };
      const call = { tool: 'mcp__tracker__close', input: { number: 7 }, directory: '/cwd', chatId: where.id };
      for (const n of [11, 12]) {
        const metadata = { call: { tool: call.tool, input: call.input } };
        await stores.promises.add([
          makePromise({ ...buildPromise({ id: promiseId(n), chatId: where.id, ...about, metadata }), retry: DEFAULT_RETRY }, approvalId(n)),
        ]);
        await stores.approvals.add([buildApproval({ id: approvalId(n), promiseId: promiseId(n), call, ...about })]);
      }
      const statusOf = async (n: number) => (await stores.approvals.get(approvalId(n)))?.status;
      const approve = expectedOf(name, place, where.kind === 'direct' ? 'approve-own' : 'approve');
      const standing = expectedOf(name, place, 'standing');
      for (const [n, command, { allowed, rule, path }] of [
        [11, '/approve 11 for 1 day', approve.allowed ? standing : approve],
        [12, '/approve 12', approve],
      ] as const) {
        const answer = await say(command);
        if (!allowed)
          expect(answer, command)
            .to.match(/^Not done: /)
            .and.include(`(${rule}, see ${path} in the configuration)`);
        expect(await statusOf(n), `${command}: ${answer}`).to.equal(allowed ? 'approved' : 'asked');
      }
    });

  const TOOLS = {
    reading: buildTool({ name: 'search_web', effect: 'reads' }),
    deciding: buildTool({ name: 'make_promise', effect: 'decides' }),
    memory: buildTool({ name: 'remember', effect: 'decides' }),
    acting: buildTool({ name: 'mcp__tracker__close', effect: 'acts' }),
    delegated: buildTool({ name: 'delegate_coding_task', effect: 'decides' }),
  } as const;
  const catalog = makeToolCatalog([toolSource('test', Object.values(TOOLS))], makeMayCall(policy));

  for (const { name, place } of inChats.filter((cell) => isAnswered(cell.name, cell.place)))
    it(`tools: ${name} in ${place}`, async () => {
      const { process, place: where, who, denials } = await stage(name, place);
      const speaker = { chatId: where.id, chatKind: where.kind, senderId: who.id };
      const offered = catalog
        .toolsFor({ agent: { name: 'a', tools: ['*'] }, scope: { directory: '/' }, person: { id: who.id }, speakers: [speaker] })
        .map((tool) => tool.name);
      for (const deed of ['reading', 'deciding', 'memory', 'acting'] as const)
        expect(offered.includes(TOOLS[deed].name), deed).to.equal(expectedOf(name, place, deed).allowed);
      const mayCode = expectedOf(name, place, 'acting').allowed;
      expect(offered.includes('delegate_coding_task'), 'the tool itself says where code is changed').to.equal(mayCode);

      const context: ToolContext = {
        chatId: where.id,
        chatKind: where.kind,
        requestedBy: { id: who.id },
        scope: { directory: '/' },
        signal: running,
        draft: makeTurnDraft(),
      };
      for (const [deed, id] of [
        ['cancel-own', OWN],
        ['cancel-others', OTHERS],
      ] as const) {
        const expected = expectedOf(name, place, deed);
        const before = denials().length;
        const drafted = await process.draftCancellation(id, context);
        expect(drafted.ok, deed).to.equal(expected.allowed);
        if (drafted.ok) continue;
        expect(drafted.error.message).to.match(
          /^They may not cancel what others asked for: they are a guest here\. Whoever asked for it can/,
        );
        expect(denials().slice(before)).to.have.length(1);
        expect(denials().at(-1)).to.include({ rule: expected.rule, path: expected.path, door: 'tool', senderId: who.id });
      }
    });

  it('give a turn that answers several people only what each of them may do', async () => {
    const { process, place } = await stage('unnamed member', 'group');
    const asked = [PERSONS.guest, PERSONS['unnamed member']].map(({ id }, i) => ({
      messageId: telegramMessage(i + 1),
      requestedBy: { id },
    }));
    const context: ToolContext = {
      chatId: place.id,
      chatKind: place.kind,
      requestedBy: { id: PERSONS['unnamed member'].id },
      asked,
      scope: { directory: '/' },
      signal: running,
      draft: makeTurnDraft(),
    };
    expect((await process.draftCancellation(OTHERS, context)).ok).to.equal(false);
    expect((await process.draftCancellation(OTHERS, { ...context, asked: asked.slice(1) })).ok).to.equal(true);
  });
});

describe('The doors of the operator', () => {
  for (const { name, place } of CELLS.filter((cell) => cell.name === 'operator'))
    it(`are open: command line and HTTP reach what anybody asked for in ${place}`, async () => {
      expect(expectedOf(name, place, 'cancel-others').allowed).to.equal(true);
      const { process, statusOf } = await stage(name, place);
      for (const id of [OWN, OTHERS]) {
        expect((await process.cancel(id)).ok).to.equal(true);
        expect(await statusOf(id)).to.equal('cancelled');
        expect((await process.retry(id)).ok).to.equal(true);
      }
    });
});
