import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChatRequest, openChatPeer } from '../fakes/openai/peer.ts';
import { OPENAI } from '../fakes/openai/servers.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, startKept } from '../support/kept-process.ts';
import { chunks } from '../support/openai-chunks.ts';

const COUNTER = fileURLToPath(new URL('../fakes/mcp/counting-server.ts', import.meta.url));
const CHATS = Number(process.env.KEPT_TEST_CHATS ?? 3);
const PROMISES = Number(process.env.KEPT_TEST_PROMISES ?? 3);
const STEPS = Number(process.env.KEPT_TEST_STEPS ?? 4);
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 6);
/** The operator's chats in which promises are asked for: apart from those of the runs of turns. */
const PROMISE_CHAT = 1_000;
const WAIT = 60_000 + (KILLS + CHATS + PROMISES) * 5_000;

/** The work that a request is about, the calls of tools that it shows, and whether it is a promise's own run. */
const workIn = ({ messages, tools = [] }: ChatRequest) => {
  const said = messages.flatMap(({ role, content }) => (role === 'user' ? [String(content ?? '')] : [])).join('\n');
  const [name = ''] = /(?:turn|work)-\d+/.exec(said) ?? [];
  return {
    name,
    done: messages.filter(({ role }) => role === 'tool').length,
    isPromise: JSON.stringify(tools).includes('"report_failure"'),
  };
};

describe('The journal under kill -9', function () {
  this.timeout(WAIT * 3);

  it('pays no reply twice, acts no more than once, and answers everything once', async () => {
    let kept: KeptProcess | undefined;
    let untilKill = 0;
    let kill: () => void = () => undefined;
    const model = await openChatPeer((request) => {
      if (untilKill > 0 && --untilKill === 0) kill();
      const { name, done, isPromise } = workIn(request);
      if (name.startsWith('work') && !isPromise)
        return done === 0 ? chunks.call('make_promise', { description: `Count for ${name}.` }) : chunks.text('It is promised.');
      if (done >= STEPS) return chunks.text(`All of ${name} is done.`);
      return isPromise ? chunks.call('mcp__counter__count', { what: `${name}-${done}` }) : chunks.call('list_files', {});
    }, OPENAI);
    const site = await makeSite({
      KEPT_MODELS: 'openai',
      OPENAI_BASE_URL: model.url,
      OPENAI_MODEL: 'small',
      AGENT_TIMEOUT_SECONDS: '3600',
    });
    const counted = join(site.root, 'counted');
    const config = JSON.parse(readFileSync(site.env.KEPT_CONFIG as string, 'utf8')) as { dm_whitelist: object };
    writeFileSync(
      site.env.KEPT_CONFIG as string,
      JSON.stringify({ ...config, dm_whitelist: { ...config.dm_whitelist, mcp_safe_tools: ['mcp__counter__*'] } }),
    );
    const servers = { counter: { command: process.execPath, args: [COUNTER, counted] } };
    writeFileSync(join(site.root, '.mcp.json'), JSON.stringify({ mcpServers: servers }), { mode: 0o600 });
    const api = chatApi(() => kept?.url ?? '');
    const answered = async (chat: number) => (await api.messages(chat)).flatMap(({ answers = [] }) => answers);
    try {
      kept = await startKept(site, 'start');
      for (let n = 1; n <= CHATS; n++) await api.post(`Please do turn-${n}.`, n);
      for (let n = 1; n <= PROMISES; n++) await api.post(`Please promise work-${n}.`, PROMISE_CHAT + n);
      for (let n = 0; n < KILLS; n++) {
        const killed = Promise.withResolvers<void>();
        const running = kept;
        kill = () => void running.kill().then(killed.resolve);
        untilKill = 2 + ((n * 7) % 5);
        const isOver = until('the end of everything', async () => (await isAllDone()) && 'over', WAIT).catch(() => 'killed');
        const came = await Promise.race([killed.promise.then(() => 'killed'), isOver]);
        if (came === 'over') break;
        kept = await startKept(site, 'start');
      }
      untilKill = 0;
      await until('the end of everything', isAllDone, WAIT);

      const runs = CHATS + PROMISES;
      const replies = CHATS * (STEPS + 1) + PROMISES * (2 + STEPS + 1);
      // A kill may cut the request of each run that is under way.
      assert.ok(model.requests.length <= replies + KILLS * runs, `${model.requests.length} requests for ${replies} replies`);
      assert.deepEqual(model.broken, []);
      const acts = existsSync(counted) ? readFileSync(counted, 'utf8').trim().split('\n') : [];
      const effects = acts.map((line) => (JSON.parse(line) as { what: string }).what);
      const promises = await api.promises();
      const told = promises.map(({ resultSummary = '' }) => resultSummary).join('\n');
      assert.equal(new Set(effects).size, effects.length, `nothing is counted twice: ${effects.join(', ')}`);
      if (effects.length < PROMISES * STEPS) assert.match(told, /is not known/, 'what is not counted is told as unknown');
      assert.equal(promises.length, PROMISES);
      for (let n = 1; n <= CHATS; n++) assert.equal((await answered(n)).length, 1, `chat ${n} has one answer`);
      for (let n = 1; n <= PROMISES; n++) assert.equal((await answered(PROMISE_CHAT + n)).length, 1, `promise ${n} has one answer`);
      console.log(
        `      ${model.requests.length} requests for ${replies} replies; ${effects.length} of ${PROMISES * STEPS} acts counted, none twice`,
      );
    } finally {
      await kept?.kill();
      await model.close();
      await site.remove();
    }

    async function isAllDone(): Promise<boolean> {
      try {
        const promises = await api.promises();
        if (promises.length < PROMISES || promises.some(({ deliveredAt }) => deliveredAt === undefined)) return false;
        for (let n = 1; n <= CHATS; n++) if ((await answered(n)).length === 0) return false;
        return true;
      } catch (error) {
        // The process is being killed, or starts again.
        if (error instanceof TypeError) return false;
        throw error;
      }
    }
  });
});
