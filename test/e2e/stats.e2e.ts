import { expect } from 'chai';
import { chatApi, until } from '../support/chat-api.ts';
import { makeSite, type Site, startKept } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly count: number;
  readonly success_rate: number;
  readonly max_ms: number;
}

describe('Stats of real processes', function () {
  this.timeout(120_000);
  let site: Site;
  before(async () => {
    site = await makeSite({ KEPT_MODELS: 'rehearsal' });
  });
  after(() => site.remove());

  const rows = async (): Promise<readonly Row[]> => JSON.parse((await runKept(site, ['stats', '--json'])).stdout).rows;
  const ask = async (url: string, chat: number, text: string) => {
    const { post, messages, promises } = chatApi(() => url);
    await post(text, chat);
    await until('the answer', async () => (await messages(chat)).some(({ from }) => from === 'agent'));
    return promises;
  };

  it('add up what bot, worker and command have measured, once they have stopped', async () => {
    const bot = await startKept(site, 'bot');
    const worker = await startKept(site, 'worker');
    const promises = await ask(bot.url, 1, 'in the background, count the TODO comments in this project');
    await until('the kept promise', async () => (await promises()).some(({ deliveredAt }) => deliveredAt !== undefined));
    await Promise.all([bot.stop(), worker.stop()]);
    await runKept(site, ['agent', 'run', 'valor_agent', 'hello']);
    const measured = await rows();
    const counts = new Map(measured.map(({ kind, name, count }) => [`${kind} ${name}`, count]));
    expect(counts.get('agent telegram_chat_agent')).to.equal(1);
    expect(counts.get('agent valor_agent'), 'the run for the promise, and the one at the command line').to.equal(2);
    expect(counts.get('workspace (none)')).to.equal(3);
    expect(counts.get('tool make_promise')).to.equal(1);
    expect(counts.get('commit promises')).to.equal(1);
    expect([...counts.keys()]).to.include.members(['model rehearsal/offline', 'gateway local', 'turn telegram_chat_agent']);
    expect(measured.every(({ success_rate: rate, max_ms: ms }) => rate === 1 && ms < 60_000)).to.equal(true);
  });
});
