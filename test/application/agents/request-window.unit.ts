import { expect } from 'chai';
import { makeRunAgent } from '../../../src/application/agents/run-agent.ts';
import { noteOf } from '../../../src/domain/conversation/conversation.ts';
import { type Agent, type ConversationStep, makeTurnDraft, NO_USAGE, type Usage } from '../../../src/domain/index.ts';
import { type ModelRequest, PortError, type PortErrorCode, silentEvents, type Tool } from '../../../src/ports/index.ts';
import {
  makeFixedClock,
  makeScriptedModel,
  type ScriptedStep,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';

const agent: Agent = { name: 'tester', description: '', instructions: '', tools: ['look'], limits: { maxSteps: 4, maxOutputTokens: 100 } };
const refused = (code: PortErrorCode): PortError => new PortError(code, `it was ${code}`, { retryable: false });
const said = (text: string): ConversationStep => ({ role: 'person', name: 'Ada', text });
const answered = (text: string): ConversationStep => ({ role: 'agent', text, toolCalls: [] });
const question: ConversationStep = { role: 'person', name: 'Ada', text: 'hi', messageId: telegramMessage(9) };
const texts = ({ conversation }: ModelRequest): string[] =>
  conversation.map((step) => (step.role === 'tool' ? step.output : step.text).slice(0, 12));

const run = async (
  script: Parameters<typeof makeScriptedModel>[0],
  before: readonly ConversationStep[],
  { output = '', turn = true, after = [] as readonly ConversationStep[] } = {},
) => {
  const model = makeScriptedModel(script);
  const look: Tool = {
    name: 'look',
    description: '',
    inputSchema: { type: 'object' },
    effect: 'reads',
    activity: 'looking',
    timeoutMs: 30_000,
    run: async () => ({ output, isError: false }),
  };
  const told: unknown[] = [];
  const counted: unknown[] = [];
  const paid: Usage[] = [];
  const result: { text?: string; unanswered?: unknown; error?: PortError } = await makeRunAgent({
    ...modelAndTools(model, [look]),
    events: silentEvents,
    clock: makeFixedClock(),
    redact: (text) => text,
  })(agent, {
    conversation: [...before, question, ...after],
    context: {
      chatId: telegramChat(501),
      chatKind: 'direct',
      requestedBy: { id: telegramUser(501) },
      scope: { directory: '/srv' },
      signal: new AbortController().signal,
      asked: [{ messageId: telegramMessage(9), requestedBy: { id: telegramUser(501) } }],
      ...(turn ? { draft: makeTurnDraft() } : {}),
    },
    situation: '',
    onShortened: (shortened) => told.push(shortened),
    onCounted: (request) => counted.push(request),
    onUsage: (usage) => paid.push(usage),
  }).then(
    (done) => ({ text: done.text, unanswered: done.unanswered }),
    (error: unknown) => ({ error: error as PortError }),
  );
  return { ...result, requests: model.requests.map(texts), model, told, counted, paid };
};
const calling: ScriptedStep = { toolCalls: [{ id: 'c1', tool: 'look', input: {} }] };
const four = [said('a'.repeat(400)), answered('b'.repeat(400)), said('c'.repeat(400)), answered('d'.repeat(400))];

describe('A request that is too long for its model', () => {
  it('is asked with half of what was said before, again and again; what is asked stays whole', async () => {
    const { text, requests, told } = await run(
      [1, 2].map((): ScriptedStep => ({ error: refused('too-long') })).concat({ text: 'Hi.' }),
      four,
      {
        after: [noteOf('(Note: it is noon.)')],
      },
    );
    expect(text).to.equal('Hi.');
    expect(requests.map((shown) => shown.length)).to.deep.equal([6, 4, 2]);
    expect(requests[2]).to.deep.equal(['hi', '(Note: it is']);
    expect(told).to.deep.equal([{ reason: 'too-long', tokens: 103 }]);
  });

  it('fails as that where nothing shorter is left', async () => {
    const { error, requests } = await run(
      Array.from({ length: 9 }, () => ({ error: refused('too-long') })),
      four,
    );
    expect(error).to.include({ code: 'too-long' });
    expect(requests.at(-1)).to.deep.equal(['hi']);
  });

  it('has the results of its tools shortened where they are the most of it, and stays so to the end of the run', async () => {
    const script = [calling, { error: refused('too-long') }, { error: refused('too-long') }, calling, { text: 'Done.' }];
    const { text, model, told } = await run(script, [said('before')], { output: 'x'.repeat(8_000) });
    expect(text).to.equal('Done.');
    const outputs = model.requests.map(({ conversation }) =>
      conversation.flatMap((step) => (step.role === 'tool' ? [step.output.length] : [])),
    );
    const note = '\n(Cut here: the rest was too long.)'.length;
    expect(outputs).to.deep.equal([[], [8_000], [4_000 + note], [2_000 + note], [2_000 + note, 2_000 + note]]);
    expect(model.requests.map(({ conversation }) => conversation[0])).to.deep.equal(Array.from({ length: 5 }, () => said('before')));
    expect(told, 'what was said before was shown').to.deep.equal([]);
  });

  it('gives a model nothing back that it had attached to what is shortened now', async () => {
    const attached = { by: 'scripted/scripted-1', content: 'signed' };
    const script = [{ ...calling, attached }, { error: refused('too-long') }, { ...calling, attached }, { text: 'Done.' }];
    const { model } = await run(script, four, { output: 'x' });
    const given = (at: number) => model.requests[at]?.conversation.map((step) => (step.role === 'agent' ? step.attached : undefined));
    expect(given(2)?.filter(Boolean), 'what came before').to.deep.equal([]);
    expect(given(3)?.filter(Boolean).length, 'what came after').to.be.at.most(1);
  });
});

describe('A request that is refused for another reason', () => {
  it('is asked once more with only what is asked', async () => {
    const { text, requests, told } = await run([{ error: refused('invalid-request') }, { text: 'Hi.' }], four);
    expect(text).to.equal('Hi.');
    expect(requests[1]).to.deep.equal(['hi']);
    expect(told).to.deep.equal([{ reason: 'refused', tokens: 1 }]);
    const twice = await run([{ error: refused('invalid-request') }, { error: refused('invalid-request') }, { text: 'x' }], four);
    expect(twice.error).to.include({ code: 'invalid-request' });
    expect(twice.requests).to.have.length(2);
  });

  it('is not asked again where nothing was said before, or where the refusal is not of what was said', async () => {
    expect((await run([{ error: refused('invalid-request') }, { text: 'x' }], [])).requests).to.have.length(1);
    for (const code of ['unauthorised', 'out-of-credit', 'unavailable', 'resting'] as const)
      expect((await run([{ error: refused(code) }, { text: 'x' }], four)).requests).to.have.length(1);
  });
});

describe('A request with files', () => {
  const picture = { kind: 'picture', name: 'a.png', type: 'image/png', base64: 'AAAA' } as const;

  it('says nothing of how many tokens a model counts for words', async () => {
    const usage = { ...NO_USAGE, inputTokens: 4_000 };
    const words = await run([{ text: 'Hi.', usage }], four);
    expect(words.counted).to.have.length(1);
    const files = await run([{ text: 'Hi.', usage }], [{ role: 'person', name: 'Ada', text: 'look', media: [picture] }, ...four]);
    expect(files.counted).to.deep.equal([]);
  });
});

describe('A reply that says nothing', () => {
  it('is asked once more', async () => {
    const { text, requests } = await run([{ text: ' ' }, { text: 'Hi.' }], []);
    expect([text, requests.length]).to.deep.equal(['Hi.', 2]);
  });

  it('has for its answer what was said beside the call before it; not in the run of a promise', async () => {
    const script = [{ ...calling, text: 'It is 42.' }, { text: '' }, { text: '' }];
    expect(await run(script, [])).to.deep.include({ text: 'It is 42.', unanswered: undefined });
    expect(await run(script, [], { turn: false })).to.deep.include({ unanswered: 'empty' });
  });
});

describe('A reply that breaks off', () => {
  const usage = { ...NO_USAGE, inputTokens: 7 };
  const broken = { error: new PortError('unavailable', 'cut', { retryable: true, usage }), deltas: ['The answer ', 'is 4'] };

  it('is an answer as far as it came, with a note, where people saw it grow', async () => {
    const { text, paid } = await run([broken], []);
    expect(text).to.equal('The answer is 4\n\n(The answer breaks off here: the model failed before its end.)');
    expect(paid).to.deep.equal([usage]);
  });

  it('is none in the run of a promise, and none where the request was refused', async () => {
    expect((await run([broken], [], { turn: false })).error).to.include({ code: 'unavailable' });
    expect((await run([{ ...broken, error: refused('unauthorised') }], [])).error).to.include({ code: 'unauthorised' });
  });
});
