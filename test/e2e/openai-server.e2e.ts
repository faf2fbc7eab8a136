import { strict as assert } from 'node:assert';
import { type ChatReply, type ChatRequest, openChatPeer } from '../fakes/openai/peer.ts';
import { MISTRAL, OPENAI, type ServerRules } from '../fakes/openai/servers.ts';
import { type ChatMessage, chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';

const said = (content: string, finish = 'stop'): readonly object[] => [
  { choices: [{ index: 0, delta: { content }, finish_reason: finish }] },
];
const calls = (content: string, ...paths: readonly string[]): readonly object[] => [
  { choices: [{ index: 0, delta: { content } }] },
  ...paths.map((path, index) => ({
    choices: [{ index: 0, delta: { tool_calls: [{ index, id: 'same', function: { name: 'functions.read_file', arguments: { path } } }] } }],
  })),
  { choices: [{ index: 0, delta: {}, finish_reason: 'tool_use' }] },
];

describe('Kept with a model of an OpenAI-compatible server, as a process', function () {
  this.timeout(60_000);
  let site: Site | undefined;
  let kept: KeptProcess | undefined;
  let peer: Awaited<ReturnType<typeof openChatPeer>> | undefined;
  afterEach(async () => {
    await kept?.stop();
    await site?.remove();
    await peer?.close();
  });

  const start = async (reply: (request: ChatRequest, n: number) => ChatReply, server: ServerRules) => {
    peer = await openChatPeer(reply, server);
    site = await makeSite({ OPENAI_BASE_URL: peer.url, OPENAI_MODEL: 'small' });
    kept = await startKept(site, 'start');
    const api = chatApi(() => kept?.url ?? '');
    const answerTo = async (text: string): Promise<ChatMessage> => {
      const { messageId } = await api.post(text, 1);
      return await until('an answer', async () => (await api.messages(1)).find(({ answers }) => answers?.includes(messageId)));
    };
    return { api, answerTo, peer };
  };

  it('answers and goes on, whatever labels, ids, names, thoughts and refusals come', async () => {
    const thought = '<think>\nwhat-I-think\n</think>\n\n';
    const server = await start((_, n) => {
      if (n === 1) return calls(`${thought}I look.`, 'src/one.ts', 'src/two.py');
      return n === 2 ? said(`${thought}One says first, two says second.`, 'eos_token') : said('You are welcome.', '');
    }, MISTRAL);
    assert.equal((await server.answerTo('read both')).text, 'One says first, two says second.');
    assert.equal((await server.answerTo('thanks')).text, 'You are welcome.');

    assert.deepEqual([...new Set(server.peer.broken.map(({ rule }) => rule))], ['parameter-known'], 'one refusal taught it');
    assert.equal(server.peer.requests.length, 3);
    const [, second, third] = server.peer.requests;
    const results = second?.messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content)) ?? [];
    assert.match(results[0] ?? '', /TODO: first/);
    assert.match(results[1] ?? '', /TODO second/);
    assert.ok(!JSON.stringify(third).includes('what-I-think'), 'a thought is no part of the conversation');
  });

  it('talks with a model without tools, which can claim nothing that is not promised', async () => {
    const claim = "I'll count them and get back to you with the result.";
    const server = await start(({ tools }) => (tools ? { refusal: 'small does not support tools' } : said(claim)), OPENAI);
    const { text } = await server.answerTo('in the background, count the TODO comments in src');
    assert.ok(!text.includes('get back to you'), text);
    assert.deepEqual(await server.api.promises(), []);
    assert.equal((await server.answerTo('hello')).text.includes('later'), false);
    assert.equal(server.peer.requests.filter(({ tools }) => tools).length, 1, 'asked with tools once');
    assert.deepEqual(server.peer.broken, []);
    const { checks } = await server.api.get<{ checks: { id: string; message: string }[] }>('/health');
    assert.match(checks.find(({ id }) => id === 'model.rests')?.message ?? '', /^openai\/small can't call tools: /);
  });
});
