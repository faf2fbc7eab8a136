import { expect } from 'chai';
import { qrCode } from '../../../src/adapters/terminal/index.ts';
import { readQrCode } from '../../support/read-qr-code.ts';

const LINK = `tg://login?token=${Buffer.alloc(24, 7).toString('base64url')}`;

describe('A QR code in a terminal', () => {
  for (const color of [false, true])
    it(`is read by a scanner as what it was made of, ${color ? 'in colours' : 'without colours'}`, async () => {
      const code = await qrCode(LINK, { color });
      expect(readQrCode(code)).to.equal(LINK);
      expect(code.includes('\x1b')).to.equal(color);
    });

  it('has lines of one width that fit into a terminal of 80 columns and 24 lines', async () => {
    const lines = (await qrCode(LINK, { color: false })).split('\n');
    expect(new Set(lines.map(({ length }) => length)).size).to.equal(1);
    expect(lines[0]?.length).to.be.at.most(80);
    expect(lines.length).to.be.at.most(22);
  });
});
