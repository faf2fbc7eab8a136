import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ADAPTER = fileURLToPath(new URL('../../../../src/adapters/telegram/index.ts', import.meta.url));

describe('the Telegram adapter, while it loads', () => {
  it('touches no web storage of Node, which warns of it, and leaves it as it was', () => {
    const look = `const of = (name) => Object.getOwnPropertyDescriptor(globalThis, name).get;
      const before = [of('localStorage'), of('sessionStorage')];
      await import(${JSON.stringify(ADAPTER)});
      console.log(before.every((get, at) => get === [of('localStorage'), of('sessionStorage')][at]));`;
    const words = [
      '--experimental-webstorage',
      '--input-type=module',
      '--eval',
      `process.on('warning', ({ message }) => console.log(message)); ${look}`,
    ];
    expect(execFileSync(process.execPath, words, { encoding: 'utf8' })).to.equal('true\n');
  });
});
