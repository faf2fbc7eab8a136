import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeAcpAgent } from '../../src/adapters/acp/index.ts';
import { makeStartChild } from '../../src/adapters/child-process/index.ts';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../src/adapters/system/index.ts';
import { makeKept as makeKeptAlone } from '../../src/application/index.ts';
import { CHAT_AGENT, DEFAULT_LOCAL_CHAT, type KeptParts, makeKept, operatorOnly } from '../../src/index.ts';
import { makeScriptedModel } from '../../src/testing/index.ts';

const AGENT = fileURLToPath(new URL('../fakes/acp/agent.ts', import.meta.url));

describe('A Kept of a program that is given a coding agent', () => {
  let root: string;
  let directory: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'kept-library-')));
    directory = join(root, 'project');
    for (const place of [directory, join(root, 'home')]) await mkdir(place);
    execFileSync('git', ['init', '-q', directory]);
  });
  afterEach(() => rm(root, { recursive: true }));

  const agent = () =>
    makeAcpAgent({
      command: [process.execPath, AGENT],
      env: { PATH: process.env.PATH ?? '' },
      homeFor: async () => join(root, 'home'),
      hidden: [],
      start: makeStartChild(),
    });
  const partsOf = (over: Partial<KeptParts> = {}, replies: Parameters<typeof makeScriptedModel>[0] = []) => {
    const storage = makeMemoryStorage();
    const chat = makeLocalChat({ ...storage, clock, randomness });
    const model = makeScriptedModel(replies);
    const policy = operatorOnly(directory);
    return { chat, model, parts: { ...storage, storage, model, gateways: [chat], clock, randomness, policy, ...over } };
  };

  it('offers the tool for coding tasks, and brings what the agent changed to the chat', async () => {
    const steps = [
      { do: 'write', path: 'src/one.ts', text: '// changed\n' },
      { do: 'write', path: '../outside.txt', text: 'planted' },
      { do: 'say', text: 'One file is changed.' },
    ];
    const task = `Do this: ${JSON.stringify(steps)}`;
    const { chat, model, parts } = partsOf({ coding: { agent: agent() } }, [
      { toolCalls: [{ id: 'c1', tool: 'delegate_coding_task', input: { task } }], stop: 'tool_calls' },
      { text: 'I made promise #1.' },
    ]);
    const kept = makeKept(parts);
    await kept.start();
    const result = Promise.withResolvers<string>();
    const end = chat.subscribe(
      DEFAULT_LOCAL_CHAT,
      (event) => event.type === 'message' && event.message.text.includes('One file') && result.resolve(event.message.text),
      0,
    );
    try {
      await chat.post(DEFAULT_LOCAL_CHAT, 'change it');
      expect(await result.promise)
        .to.match(/src\/one\.ts \| +\d+/)
        .and.match(/Not allowed:\n- Write \.\.\/outside\.txt: it lies outside the workspace directory/);
      expect(await readFile(join(directory, 'src/one.ts'), 'utf8')).to.equal('// changed\n');
      expect(model.requests[0]?.tools.map(({ name }) => name)).to.include('delegate_coding_task');
    } finally {
      end();
      await kept.stop();
    }
  });

  const refusals: readonly (readonly [title: string, over: Record<string, unknown>, words: RegExp])[] = [
    ['a coding agent that is none', { coding: { agent: { name: 'mine' } } }, /coding\.agent is not a coding agent.*no run/],
    ['coding parts without an agent', { coding: {} }, /coding is not a coding agent.*it has no agent/],
    ['the coding tool without a coding agent', { builtInTools: ['coding'] }, /builtInTools name coding, and no coding agent is given/],
  ];
  for (const [title, over, words] of refusals)
    it(`refuses ${title}, in words`, () => {
      expect(() => makeKept({ ...partsOf().parts, ...over } as never)).to.throw(TypeError, words);
    });

  it('of the application alone needs every part of it', () => {
    const { parts } = partsOf({ coding: { agent: agent() }, chatAgent: { ...CHAT_AGENT, tools: [] } });
    expect(() => makeKeptAlone(parts)).to.throw(TypeError, /coding has no changes, places, locks, limits: give them, or use makeKept/);
  });
});
