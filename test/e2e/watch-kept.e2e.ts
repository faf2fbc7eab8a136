import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

const PAGE = new URL('../../docs/how-to/watch-kept.md', import.meta.url);

/** The commands of the tables, in their order. */
const COMMANDS = [...readFileSync(PAGE, 'utf8').matchAll(/^\|[^|]+\| `(.+)` \|$/gm)].map(([, command = '']) => command);

/** What each command must answer. */
const ANSWERS = new Map<string, RegExp>([
  [
    `sqlite3 data/system.db "SELECT id, task_description, status, created_at FROM promises WHERE status='pending' ORDER BY created_at;"`,
    /^\[\{"id":2,"task_description":"count the lines","status":"pending","created_at":/,
  ],
  ['kept promises list --status pending', /#?2 .*count the lines/s],
  [
    'sqlite3 data/system.db "SELECT status, COUNT(*) as count FROM promises GROUP BY status;"',
    /^\[\{"status":"completed","count":1\},\{"status":"pending","count":1\}\]$/,
  ],
  ['kept promises stats', /^ *completed +1$/m],
  [
    `sqlite3 data/system.db "SELECT task_description, completed_at, result_summary FROM promises WHERE status='completed' ORDER BY completed_at DESC LIMIT 5;"`,
    /^\[\{"task_description":"count the TODO comments[^"]*","completed_at":[^,]+,"result_summary":"/,
  ],
  ['kept promises list --status completed --limit 5', /#?1 .*count the TODO comments/s],
  ['kept status', /bot \(PID \d+\)/],
  ['kept logs --area promises', /\[promises\].*promise/s],
  ['curl -s http://localhost:9000/health', /"status":"(healthy|degraded)"/],
  ['curl -s http://localhost:9000/health/ready', /"ready":true/],
  ['kept health', /storage\.database +ok/],
  ['kept health --deep --json', /"id": "agent\.telegram_chat_agent",\s+"status": "ok"/],
  [
    'curl -s http://localhost:9000/health/report',
    /"timestamp":.*"system_status":.*"agents":\[\{"agent_name":.*"external_services":\{.*"performance_metrics":\{/s,
  ],
  ['kept stats --by agent', /agent +valor_agent +1 +100 %/],
  ['kept stats --json', /"kind": "agent",\s+"name": "valor_agent",\s+"count": 1,\s+"success_rate": 1,/],
  ['curl -s http://localhost:9000/api/stats', /^\{"rows":\[\{"kind":/],
  ['curl -s http://localhost:9000/metrics', /^kept_promises\{status="pending"\} 1$/m],
  ['kept logs --since 1h', /message received, to be answered/],
  ['kept logs --json', /^\{"level":"info","time":"/],
  ['kept logs --area agents --level debug', /the run of an agent is over: done/],
  ['kept logs --area tools --level debug', /\[tools\].*make_promise/s],
  ['kept logs --area telegram', /^$/],
  ['kept logs --promise 1', /message received.*promise.*message delivered/s],
  [
    'LOG_LEVEL=DEBUG KEPT_LOG_AGENT_INPUTS=on KEPT_LOG_AGENT_OUTPUTS=on KEPT_LOG_TOOL_CALLS=on KEPT_LOG_API_REQUESTS=on KEPT_PRESERVE_TEMP_FILES=on kept agent run valor_agent "hello"',
    /hello/i,
  ],
  ['kept alerts list', /service\.errors.*service\.response.*service\.availability/s],
  ['kept alerts list --json', /"rules": \[/],
  ['kept alerts test', /webhook.*(taken|sent|ok)/s],
]);

describe('Each row of the page on watching Kept', function () {
  this.timeout(180_000);
  let site: Site;
  let bot: KeptProcess;
  const received: string[] = [];
  const webhook = createServer(async (request, response) => {
    received.push(await text(request));
    response.end();
  });

  before(async () => {
    webhook.listen(0, '127.0.0.1');
    await once(webhook, 'listening');
    const { port } = webhook.address() as AddressInfo;
    site = await makeSite({ KEPT_MODELS: 'rehearsal', LOG_LEVEL: 'DEBUG', ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/alerts` });
    bot = await startKept(site, 'bot');
    const worker = await startKept(site, 'worker');
    const { post, promises } = chatApi(() => bot.url);
    await post('in the background, count the TODO comments in this project', 1);
    await until('the kept promise', async () => (await promises()).some(({ deliveredAt }) => deliveredAt !== undefined));
    // Stats are stored when a process stops.
    await worker.stop();
    await runKept(site, ['promises', 'make', 'count the lines']);
  });
  after(async () => {
    await bot?.stop();
    webhook.close();
    await site?.remove();
  });

  const answerOf = async (command: string): Promise<string> => {
    const [, sql] = /^sqlite3 data\/system\.db "(.+)"$/.exec(command) ?? [];
    if (sql !== undefined) {
      const database = new Database(site.database, { readonly: true });
      try {
        return JSON.stringify(database.prepare(sql).all());
      } finally {
        database.close();
      }
    }
    const [, path] = /^curl -s http:\/\/localhost:9000(\/\S+)$/.exec(command) ?? [];
    if (path !== undefined) return (await fetch(`${bot.url}${path}`)).text();
    const [, before = '', words = ''] = /^((?:[A-Z_]+=\S+ )*)kept (.+)$/.exec(command) ?? [];
    const env = Object.fromEntries(before.split(' ').flatMap((pair) => (pair === '' ? [] : [pair.split('=') as [string, string]])));
    const { stdout, stderr, code } = await runKept(site, words.replaceAll('"', '').split(' '), { env });
    expect([0, 1, 2], stderr).to.include(code);
    return stdout;
  };

  it('is told here, and no other', () => {
    expect([...ANSWERS.keys()]).to.deep.equal(COMMANDS);
  });

  for (const command of COMMANDS)
    it(command, async () => {
      expect(await answerOf(command)).to.match(ANSWERS.get(command) as RegExp);
    });

  it('logs what an agent was asked and answered, each call and each request, where that is turned on', async () => {
    const { stdout } = await runKept(site, ['logs', '--json']);
    for (const words of ['what an agent was asked', 'what an agent answered', 'a request to a model']) expect(stdout).to.include(words);
  });

  it('sends the alerts of a test, and that they are over', () => {
    expect(received.map((body) => (JSON.parse(body) as { readonly status: string }).status)).to.deep.equal(['firing', 'resolved']);
  });
});
