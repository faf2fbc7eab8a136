import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../../', import.meta.url);

describe('The sentences of the log', () => {
  it('stand in one file: no other calls a logger', () => {
    const files = globSync('src/**/*.ts', { cwd: root.pathname }).filter((file) => !file.startsWith('src/application/telemetry/'));
    expect(files.length).to.be.above(400);
    const found = files.flatMap((file) =>
      [...readFileSync(new URL(file, root), 'utf8').matchAll(/\blogger\??\.(?:debug|info|warn|error)\(/g)].map(() => file),
    );
    expect(found).to.deep.equal([]);
  });
});
