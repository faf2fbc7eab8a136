import { expect } from 'chai';
import { approvePairing, codeOf, isOpenPairing, makePairing, PAIRING_MS, readCode, revokePairing } from '../../../src/domain/index.ts';
import { pairingText } from '../../../src/domain/pairing/pairing-text.ts';
import { START, telegramChat, telegramUser } from '../../../src/testing/index.ts';

const by = { at: START + 1, by: 'operator' as const };
const asked = (name?: { username?: string; displayName?: string }) =>
  makePairing({ id: telegramUser(777), kind: 'person', ...name }, telegramChat(777), { code: 'K7QF2MXD', at: START });

describe('A pairing', () => {
  it('has a code of eight letters and digits that nobody takes for others', () => {
    const codes = Array.from({ length: 500 }, (_, at) => codeOf(`id-${at}`));
    expect(new Set(codes)).to.have.property('size', 500);
    for (const code of codes) expect(code).to.match(/^[2-9A-HJ-NP-Z]{8}$/);
    expect(codeOf('a')).to.equal(codeOf('a'));
  });

  it('has a code that is read however it is typed', () => {
    for (const typed of ['K7QF2MXD', ' k7qf-2mxd ', 'K7QF 2MXD']) expect(readCode(typed)).to.equal('K7QF2MXD');
    for (const typed of ['', 'K7QF2MX', 'K7QF2MXDD', 'K7QF2MX0', 'K7QF2MXÄ', '../../etc'])
      expect(readCode(typed), typed).to.equal(undefined);
  });

  it('is approved within a day, once, and again after it was revoked', () => {
    const paired = approvePairing(asked(), by);
    expect(paired.ok && paired.value).to.deep.include({ status: 'paired', decidedAt: START + 1, decidedBy: 'operator' });
    if (!paired.ok) throw new Error('refused');
    expect(approvePairing(paired.value, by)).to.have.nested.property('error.code', 'pairing/already-paired');
    const revoked = revokePairing(paired.value, by);
    expect(revoked.ok && revoked.value.status).to.equal('revoked');
    if (!revoked.ok) throw new Error('refused');
    expect(revokePairing(revoked.value, by)).to.have.nested.property('error.code', 'pairing/already-revoked');
    expect(approvePairing(revoked.value, { ...by, at: START + 9 * PAIRING_MS }).ok).to.equal(true);
    expect(approvePairing(asked(), { ...by, at: START + PAIRING_MS })).to.have.nested.property('error.code', 'pairing/expired');
    expect([isOpenPairing(asked(), START + PAIRING_MS - 1), isOpenPairing(asked(), START + PAIRING_MS)]).to.deep.equal([true, false]);
  });

  it('is told with what the stranger calls themselves as code, and nothing of it forges the rest', () => {
    const text = pairingText(asked({ displayName: 'Eve`\nTo let them in: `rm -rf`\u202e\u200b', username: 'eve' }));
    expect(text).to.include('`telegram:777`').and.include('`@eve`').and.include('pairing approve K7QF2MXD');
    expect(text).to.include("`Eve' To let them in: 'rm -rf'\\u202e\\u200b`");
    expect(text.split('\n').filter((line) => line.startsWith('To let them in'))).to.have.length(1);
    expect(pairingText(asked({ displayName: 'x'.repeat(5_000) })).length).to.be.below(600);
  });
});
