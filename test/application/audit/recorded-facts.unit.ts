import { expect } from 'chai';
import { makeSealFacts } from '../../../src/application/audit/seal-facts.ts';
import { makeVerifyAuditLog } from '../../../src/application/audit/verify-log.ts';
import { PROMISE_AGENT } from '../../../src/application/index.ts';
import { type AuditRow, NO_ROWS, promiseId } from '../../../src/domain/index.ts';
import {
  buildMessage,
  buildTool,
  GROUP,
  makeRecordingEvents,
  makeScriptedModel,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, type ProcessOptions, settle, until, type World } from '../support/harness.ts';
import { ask, cancelling, chat, promising, running } from '../support/turn-harness.ts';

const stage = (script: Parameters<typeof makeScriptedModel>[0] = [], options: ProcessOptions = {}, world: World = makeWorld()) => {
  const { audit } = world.storage.stores;
  const process = makeProcess(world, { model: makeScriptedModel(script), ...options });
  const rows = async (): Promise<readonly AuditRow[]> => {
    while ((await audit.seal(100)) > 0);
    return audit.read({ limit: 1_000 });
  };
  const say = async (n: number, text: string): Promise<void> => {
    await process.receive(ask(n, text));
    await process.answerChat(chat, running);
  };
  const facts = async () => (await rows()).map(({ kind, actor, facts }) => ({ kind, actor, ...facts }));
  return { world, process, rows, facts, say };
};

describe('The audit log', () => {
  it('tells who asked, in the commit of the turn, and not what', async () => {
    const { say, rows, facts } = stage([{ text: 'At ten.' }]);
    await say(1, 'When does the secret train leave?');
    expect(await facts()).to.have.length(1);
    expect((await facts())[0]).to.deep.include({
      kind: 'asked',
      actor: 'telegram:501',
      chatId: chat,
      messageIds: ['telegram:1'],
      askers: ['telegram:501'],
      outcome: 'answered',
      model: 'scripted-1',
      toolCalls: 0,
    });
    expect(JSON.stringify(await rows())).not.to.match(/train|At ten/);
  });

  it('costs a message without promises no unit of work more, and one call in one of them', async () => {
    const world = makeWorld();
    const units: string[][] = [];
    const { unitOfWork } = world.storage;
    const counting: World['storage'] = {
      ...world.storage,
      unitOfWork: {
        run: (work) => {
          units.push([]);
          return unitOfWork.run(work);
        },
      },
    };
    const { say } = stage([{ text: 'At ten.' }], { onUnitCall: (call) => void units.at(-1)?.push(call) }, { ...world, storage: counting });
    await say(1, 'When does it leave?');
    expect(units.map((calls) => calls.filter((call) => call === 'audit.add').length)).to.deep.equal([0, 1]);
  });

  it('tells of a command by its name alone', async () => {
    const { say, facts } = stage();
    await say(1, '/forget the key is 4711');
    expect((await facts())[0]).to.deep.include({ command: 'forget', agent: 'commands' });
    expect(JSON.stringify(await facts())).not.to.include('4711');
  });

  it('tells of promises that are made, end, are cancelled and tried again, and by whom', async () => {
    const { say, facts, process, world } = stage([promising('look it up'), { text: 'I will.' }, cancelling(2), { text: 'No more.' }]);
    await say(1, 'please look it up');
    process.start();
    await until(async () => (await world.storage.stores.promises.get(promiseId(1)))?.status === 'completed');
    const made = await process.make({ description: 'more' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: telegramUser(502) } });
    expect(made.ok).to.equal(true);
    await process.cancel(promiseId(2));
    await process.retry(promiseId(2));
    const seen = (await facts()).filter(({ kind }) => kind !== 'asked');
    expect(seen.slice(0, 5)).to.deep.equal([
      {
        kind: 'promise-made',
        actor: 'telegram:501',
        chatId: chat,
        promiseId: 1,
        messageId: 'telegram:1',
        agent: 'valor_agent',
        taskType: 'analysis',
      },
      { kind: 'promise-ended', actor: 'agent:valor_agent', chatId: chat, promiseId: 1, status: 'completed', attempts: 1 },
      { kind: 'promise-made', actor: 'telegram:502', chatId: chat, promiseId: 2, agent: 'valor_agent', taskType: 'analysis' },
      { kind: 'promise-ended', actor: 'agent:valor_agent', chatId: chat, promiseId: 2, status: 'cancelled', attempts: 0 },
      { kind: 'operator', actor: 'operator', command: 'cancel', promiseId: 2, chatId: chat },
    ]);
    expect(seen[5]).to.deep.include({ kind: 'operator', command: 'retry', promiseId: 2 });
  });

  it('tells once what a tool that acts did, and nothing of one that reads', async () => {
    const acting = buildTool({ name: 'send', effect: 'acts' });
    const look = buildTool({ name: 'look', effect: 'reads' });
    const call = (tool: string) => ({ toolCalls: [{ id: tool, tool, input: { to: 'everybody' } }] });
    const agent = { ...PROMISE_AGENT, tools: ['look', 'send'] };
    const { process, facts, world } = stage([call('look'), call('send'), { text: 'Sent.' }], {
      executor: 'agent',
      mayAct: true,
      agent,
      tools: [look, acting],
    });
    await process.make({ description: 'send it' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: telegramUser(501) } });
    process.worker.start();
    await until(async () => (await world.storage.stores.promises.get(promiseId(1)))?.status === 'completed');
    await process.worker.stop(0);
    const acted = (await facts()).filter(({ kind }) => kind === 'acted');
    expect(acted).to.have.length(1);
    expect(acted[0]).to.deep.include({
      actor: `agent:${agent.name}`,
      chatId: chat,
      promiseId: 1,
      tool: 'send',
      outcome: 'done',
      isError: false,
    });
    expect(JSON.stringify(acted)).not.to.include('everybody');
  });

  it('tells nothing of a turn that was not stored, nor twice of one that was', async () => {
    for (let fault = 1; ; fault++) {
      let calls = 0;
      const world = makeWorld();
      const broken = stage(
        [promising('look'), { text: 'I will.' }],
        {
          onUnitCall: () => {
            if (++calls === fault) throw new Error('the disk is gone');
          },
        },
        world,
      );
      await broken.say(1, 'look').catch(() => undefined);
      const turns = async () => (await broken.facts()).filter(({ kind }) => kind === 'asked').length;
      const isAnswered = (await world.storage.stores.messages.get(chat, telegramMessage(1)))?.verdict !== undefined;
      expect(await turns(), `fault ${fault}`).to.equal(isAnswered ? 1 : 0);
      expect((await broken.facts()).length, `fault ${fault}`).to.equal(isAnswered ? 2 : 0);
      if (calls < fault) return;
    }
  });

  it('tells of strangers, without growing with their flood', async () => {
    const { process, facts } = stage();
    for (let n = 1; n <= 300; n++)
      await process.receive(
        buildMessage({
          chatId: telegramChat(666),
          messageId: telegramMessage(n),
          sender: { id: telegramUser(666), kind: 'person' },
          text: 'let me in',
        }),
      );
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', text: 'hello' }));
    expect(await facts()).to.deep.equal([
      {
        kind: 'denied',
        actor: 'telegram:666',
        chatId: 'telegram:666',
        messageId: 'telegram:1',
        rule: 'not-whitelisted',
        path: 'dm_whitelist',
      },
    ]);
  });

  it('is sealed by itself, about once a second while much happens, and holds', async () => {
    const { world, say } = stage([{ text: 'One.' }, { text: 'Two.' }]);
    const { audit } = world.storage.stores;
    const { clock, changes } = world;
    let commits = 0;
    const events = makeRecordingEvents();
    const counted = {
      seal: (limit: number) => {
        commits++;
        return audit.seal(limit);
      },
    };
    const loop = makeSealFacts({ audit: counted, changes, clock, events });
    loop.start();
    await settle();
    await say(1, 'one?');
    clock.advance(1_000);
    await settle();
    expect((await audit.head()).seq).to.equal(1);
    await say(2, 'two?');
    clock.advance(1_000);
    await settle();
    await loop.stop();
    expect(commits).to.be.within(2, 5);
    const { head, fault } = await makeVerifyAuditLog({ audit })();
    expect([head?.seq, fault]).to.deep.equal([2, undefined]);
    expect(head).not.to.deep.equal(NO_ROWS);
  });
});
