import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { itWith } from '../support/programs.ts';

const guide = readFileSync(new URL('../../docs/how-to/use-the-api.md', import.meta.url), 'utf8');
const blocksIn = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);

const TOKEN = 'token-of-the-examples';

describe('The guide to the HTTP API', function () {
  this.timeout(60_000);
  let site: Site;
  let kept: KeptProcess;
  let directory: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kept-api-'));
    site = await makeSite({ KEPT_API_TOKEN: TOKEN });
    kept = await startKept(site, 'start');
  });
  after(async () => {
    await kept.stop();
    await site.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  const run = async (command: string, args: readonly string[]) => {
    const { PATH } = process.env;
    const child = spawn(command, args, { cwd: directory, env: { PATH, KEPT_API_TOKEN: TOKEN, KEPT_URL: kept.url } });
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const status = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)));
    return { status, out, errors };
  };

  itWith('curl', 'shows what a new Kept really answers, block by block', async () => {
    const blocks = blocksIn('sh').map((block) => block.replace('http://127.0.0.1:9000', kept.url));
    const script = ['set -eu', ...blocks.map((block, at) => `echo; echo "#${at}"\n${block}`)].join('\n');
    const { status, out, errors } = await run('bash', ['-c', script]);
    expect(status, `${errors}\n${out}`).to.equal(0);
    const answers = out.split(/^#\d+$/m).slice(1);
    const says = [
      ['"status":"healthy"'],
      ['{"chatId":"local:7","messageId":"local:1"}'],
      ['"verdict":"answered"', '"text":"In the background, count the TODO comments in this project"', '"from":"agent"'],
      // What becomes of the promise shows as well, unless it has ended before.
      ['event: message', 'id: 1'],
      ['"promises":[{"id":1', '"taskDescription":"'],
      [blocksIn('json')[0]?.trim() ?? '-', '"status: must be among waiting'],
      [],
    ];
    expect(answers).to.have.length(says.length);
    for (const [at, words] of says.entries()) for (const word of words) expect(answers[at]).to.include(word);
    expect(JSON.parse(readFileSync(join(directory, 'openapi.json'), 'utf8'))).to.deep.equal(
      JSON.parse(readFileSync(new URL('../../docs/reference/openapi.json', import.meta.url), 'utf8')),
    );
  });

  it('shows a client that works', async () => {
    const [client = ''] = blocksIn('js');
    expect(await run(process.execPath, ['--input-type=module', '-e', client])).to.deep.equal({
      status: 0,
      out: 'sent as local:1\n',
      errors: '',
    });
  });
});
