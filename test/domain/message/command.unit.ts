import { expect } from 'chai';
import type { ChatKind } from '../../../src/domain/index.ts';
import { COMMAND_NAMES, commandIn, commandOf, nearestCommand } from '../../../src/domain/message/command.ts';
import { telegramChat } from '../../../src/testing/index.ts';

describe('commands (rule 9)', () => {
  it('every name, in any case, with what follows it', () => {
    for (const name of COMMAND_NAMES) {
      expect(commandOf(`/${name}`)).to.deep.equal({ name, argument: '' });
      expect(commandOf(`  /${name.toUpperCase()}   7 \n`)).to.deep.equal({ name, argument: '7' });
    }
    expect(commandOf('/cancel\n#7 and\nmore')).to.deep.equal({ name: 'cancel', argument: '#7 and\nmore' });
  });

  it('plain ping, alone or with one word', () => {
    for (const text of ['ping', 'Ping', ' PING\n']) expect(commandOf(text)).to.deep.equal({ name: 'ping', argument: '' });
    expect(commandOf('ping n-1_x')).to.deep.equal({ name: 'ping', argument: 'n-1_x' });
    for (const text of ['ping me tomorrow', 'ping!', 'pings', `ping ${'x'.repeat(65)}`]) expect(commandOf(text)).to.equal(undefined);
  });

  it('an unknown one is also a slash alone, and one that names a bot', () => {
    const inChat = (kind: ChatKind) => ({ chat: { id: telegramChat(501), kind } });
    for (const [text, near] of [
      ['/', undefined],
      ['/ping@kept', '/ping'],
      ['/cancle@kept 3', '/cancel 3'],
    ] as const) {
      expect(commandIn({ text, ...inChat('direct') }), text).to.deep.equal({ name: 'unknown', argument: text });
      expect(nearestCommand(text), text).to.equal(near);
      expect(commandIn({ text, ...inChat('group') }), text).to.equal(undefined);
    }
  });

  it('what is none goes to the model', () => {
    for (const text of [
      '',
      '/',
      'help',
      'status',
      '/unknown',
      '/cancel3',
      '/help@other_bot',
      '// help',
      '/etc/hosts',
      'say /help',
      '/new\u0000',
    ])
      expect(commandOf(text), text).to.equal(undefined);
  });
});
