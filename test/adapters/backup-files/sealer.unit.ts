import { strict as assert } from 'node:assert';
import { scryptSealer } from '../../../src/adapters/backup-files/index.ts';

const PASSPHRASE = 'a long passphrase';

describe('The sealer', () => {
  it('opens what it has sealed, and shows nothing of it', async () => {
    const sealed = await scryptSealer.seal('the key of an account', PASSPHRASE);
    assert.ok(!sealed.includes('account') && !sealed.includes(Buffer.from('the key').toString('base64').slice(0, 6)));
    assert.equal(await scryptSealer.open(sealed, PASSPHRASE), 'the key of an account');
  });

  it('seals the same text differently each time', async () => {
    assert.notEqual(await scryptSealer.seal('text', PASSPHRASE), await scryptSealer.seal('text', PASSPHRASE));
  });

  const broken: readonly (readonly [how: string, change: (sealed: string) => string])[] = [
    ['with another text', (sealed) => sealed.replace(/"text":"./, '"text":"/')],
    ['with another tag', (sealed) => sealed.replace(/"tag":"[^"]*"/, `"tag":"${Buffer.alloc(16).toString('base64')}"`)],
    ['with a tag that is too short to say anything', (sealed) => sealed.replace(/"tag":"[^"]*"/, '"tag":"AAAA"')],
    ['with a cost that would take all memory', (sealed) => sealed.replace(/"N":\d+/, '"N":1073741824')],
    ['that is no JSON', () => 'sealed'],
  ];
  for (const [how, change] of broken)
    it(`opens nothing ${how}`, async () => {
      const sealed = await scryptSealer.seal('text', PASSPHRASE);
      assert.notEqual(change(sealed), sealed);
      assert.equal(await scryptSealer.open(change(sealed), PASSPHRASE), undefined);
    });

  it('opens nothing with another passphrase', async () => {
    assert.equal(await scryptSealer.open(await scryptSealer.seal('text', PASSPHRASE), 'another passphrase'), undefined);
  });
});
