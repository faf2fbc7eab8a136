import { strict as assert } from 'node:assert';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { openWebhook } from '../fakes/alerts/webhook.ts';
import { streamReply } from '../fakes/anthropic/peer.ts';
import { openOtlpReceiver } from '../fakes/otlp/index.ts';
import { until } from '../support/chat-api.ts';
import { makeSite, startKept } from '../support/kept-process.ts';
import { listenHttp } from '../support/loopback.ts';
import { runKept } from '../support/run-kept.ts';
import { PLANTED, traceOf } from './planted.ts';

const part = (at: number): readonly string[] => PLANTED.slice(at * 20, at * 20 + 20).map(({ secret }) => secret);
const [inMessages = [], inFiles = [], inTools = [], inErrors = [], inConfiguration = []] = [0, 1, 2, 3, 4].map(part);
const NAMES = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'KEPT_API_TOKEN', 'ALERT_WEBHOOK_SECRET', 'PERPLEXITY_API_KEY'];

/** A model that hands secrets to a tool, then says them; asked to, it fails and says them in the error. */
const openTalkativeModel = () =>
  listenHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(404).end('{}');
    const { messages } = (await json(request)) as { readonly messages: readonly unknown[] };
    const last = JSON.stringify(messages.at(-1));
    if (last.includes('PLEASE FAIL')) {
      const error = { type: 'invalid_request_error', message: `no such thing: ${inErrors.join(' or ')}` };
      return void response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error }));
    }
    if (last.includes('tool_result'))
      return streamReply(response, { content: [{ type: 'text', text: `It says ${inTools.slice(10).join(' and ')}.` }] }, 'a-model');
    const uses = [
      { path: 'notes.txt' },
      ...inTools.slice(0, 10).map((secret, at) => (at % 2 === 0 ? { path: `keys/${secret}` } : { path: 'src/one.ts', [secret]: secret })),
    ];
    const content = uses.map((input, at) => ({
      type: 'tool_use' as const,
      id: `toolu_${messages.length}_${at}`,
      name: 'read_file',
      input,
    }));
    await streamReply(response, { content }, 'a-model');
  });

const differences = (text: string, secrets: readonly string[]): readonly string[] =>
  secrets.filter((secret) => text.includes(traceOf(secret)));

describe('A hundred planted secrets of forty shapes', function () {
  this.timeout(120_000);

  it('are a hundred, of forty shapes', () => {
    assert.equal(new Set(PLANTED.map(({ secret }) => secret)).size, 100);
    assert.equal(new Set(PLANTED.map(({ secret }) => traceOf(secret))).size, 100);
    assert.equal(new Set(PLANTED.map(({ shape }) => shape)).size, 40);
  });

  it('are in no log, metric, trace, alert or report, with everything logged that can be', async () => {
    const receiver = await openOtlpReceiver();
    const webhook = await openWebhook(inConfiguration[3]);
    const model = await openTalkativeModel();
    const [, , token = ''] = inConfiguration;
    const secretsOfNames = Object.fromEntries(NAMES.map((name, at) => [name, inConfiguration[at]]));
    const site = await makeSite({
      ...secretsOfNames,
      ANTHROPIC_BASE_URL: model.url,
      KEPT_MODELS: 'anthropic',
      LOG_LEVEL: 'DEBUG',
      KEPT_LOG_AGENT_INPUTS: 'on',
      KEPT_LOG_AGENT_OUTPUTS: 'on',
      KEPT_LOG_TOOL_CALLS: 'on',
      KEPT_LOG_API_REQUESTS: 'on',
      KEPT_TRACE_CONTENT: 'on',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${inConfiguration[5]}`,
      ALERT_WEBHOOK_URL: `${webhook.url}/hook`,
      // Keys under names that Kept does not know, and in the settings of a server that does not start.
      ...Object.fromEntries(inConfiguration.slice(6, 13).map((secret, at) => [`KEPT_SOME_API_KEY_${at}`, secret])),
    });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    try {
      const env = Object.fromEntries(inConfiguration.slice(13).map((secret, at) => [`KEY_${at}`, secret]));
      await writeFile(join(site.root, '.mcp.json'), JSON.stringify({ mcpServers: { broken: { command: 'false', env } } }), { mode: 0o600 });
      await writeFile(join(site.project, 'notes.txt'), inFiles.map((secret) => `the key: ${secret}\n`).join(''));
      const kept = await startKept(site, 'start');
      const get = async (path: string): Promise<string> => (await fetch(`${kept.url}${path}`, { headers })).text();
      const say = async (text: string): Promise<void> => {
        await fetch(`${kept.url}/api/chat/messages`, { method: 'POST', headers, body: JSON.stringify({ chatId: 1, text }) });
      };
      const answers = async (): Promise<number> =>
        (JSON.parse(await get('/api/chat/messages?chatId=1')) as { messages: { from: string }[] }).messages.filter(
          (each) => each.from === 'agent',
        ).length;
      await say(`Read notes.txt. My keys: ${inMessages.slice(0, 10).join(', ')}`);
      await until('the first answer', async () => (await answers()) >= 1);
      await say(`PLEASE FAIL, with ${inMessages.slice(10).join(' ')}`);
      await until('the second answer', async () => (await answers()) >= 2);

      const shown: Record<string, string> = {};
      for (const path of ['/metrics', '/health', '/health/ready', '/health/report', '/api/stats', '/api/alerts'])
        shown[path] = await get(path);
      for (const words of [
        'alerts test',
        'health --json',
        'doctor --report',
        'doctor --json',
        'status --json',
        'stats --json',
        'logs --json',
        'logs',
      ]) {
        const { stdout, stderr } = await runKept(site, words.split(' '));
        shown[`kept ${words}`] = stdout + stderr;
      }
      await kept.stop();
      shown['standard error'] = kept.errors();
      shown.traces = JSON.stringify(receiver.spans(), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
      shown.alerts = JSON.stringify(webhook.requests().map(({ body }) => body));
      const logs = join(site.dataDir, 'logs');
      for (const name of await readdir(logs)) shown[name] = await readFile(join(logs, name), 'utf8');

      const found = Object.entries(shown).flatMap(([where, text]) =>
        differences(
          text,
          PLANTED.map(({ secret }) => secret),
        ).map((secret) => `${where}: ${secret.slice(0, 8)}…`),
      );
      assert.deepEqual(found, []);
      // All of it was there to be found.
      const log = shown['kept.log'] ?? '';
      for (const message of [
        'what an agent was asked',
        'what an agent answered',
        'a call of a tool, and what it said',
        'a request to a model',
      ])
        assert.ok(log.includes(message), message);
      assert.ok((log.match(/\[redacted\]/g) ?? []).length > 100, 'the log is about them');
      assert.match(shown.traces, /\[redacted\]/);
      assert.match(shown['/metrics'] ?? '', /kept_tool_duration_seconds/);
      assert.match(shown['/health/report'] ?? '', /performance_metrics/);
      assert.match(shown['kept doctor --report'] ?? '', /config/);
      assert.ok(webhook.requests().length > 0, 'an alert was sent');
    } finally {
      await Promise.all([receiver.close(), webhook.close(), model.close()]);
      await site.remove();
    }
  });
});
