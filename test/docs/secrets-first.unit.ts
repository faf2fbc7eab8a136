import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const page = readFileSync(new URL('../../docs/how-to/deploy.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block.split('\n'));
/** Where a line writes a secret to. */
const written = (line: string): string | undefined => /> (\S*secrets)\/\w+/.exec(line)?.[1];

describe('The steps of a deployment', () => {
  it('close the directory of secrets before the first one is written into it', () => {
    const found = blocks.filter((block) => block.some((line) => written(line) !== undefined));
    expect(found).to.have.length(2);
    for (const block of found) {
      const first = block.findIndex((line) => written(line) !== undefined);
      const before = block.slice(0, first).join('\n');
      expect(before, block[first]).to.match(new RegExp(`^install -d -m 700 ${written(block[first] ?? '')}$`, 'm'));
    }
  });
});

describe('Lines of `.env` that the documentation shows', () => {
  it('hold no command: nothing would run it', () => {
    const root = new URL('../../', import.meta.url).pathname;
    const files = globSync(['README.md', '.env.example', 'docs/**/*.md', 'deploy/**/*.example'], { cwd: root });
    expect(files).to.include.members(['.env.example', 'deploy/kept.env.example', 'docs/how-to/webhooks.md']);
    const found = files.flatMap((file) =>
      [...readFileSync(`${root}${file}`, 'utf8').matchAll(/^\s*(?:# )?[A-Z][A-Z0-9_]+=\S*(?:\$\(|`).*$/gm)].map(
        ([line]) => `${file}: ${line}`,
      ),
    );
    expect(found).to.deep.equal([]);
  });
});
