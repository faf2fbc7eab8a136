import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { productSchema, readTeleprotoDefinitions } from '../tl/client-schemas.ts';
import { decode, encode, encodeResult, TlReader } from '../tl/codec.ts';
import { CORE_DEFINITIONS } from '../tl/core-schema.ts';
import { type Definition, type Field, parseSchemaText } from '../tl/schema.ts';

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * What a constructor's number is the checksum of (https://core.telegram.org/mtproto/TL#brief-remarks-on-the-tl-schema).
 */
const checksumText = ({ name, fields, result }: Definition): string => {
  const field = ({ name: fieldName, type, flag }: Field): readonly string[] => {
    if (flag && type.base === 'true') return [];
    const base = type.base.replace('bytes', 'string');
    const whole = type.vector === 'none' ? base : `Vector ${type.base}`;
    return [`${snakeCase(fieldName)}:${flag ? `${flag.field}.${flag.bit}?` : ''}${whole}`];
  };
  const generic = fields.some(({ type }) => type.base === '!X') ? ['X:Type'] : [];
  return [name, ...generic, ...fields.flatMap(field), '=', result.replace('<', ' ').replace('>', '')].join(' ');
};

describe('The Telegram server: the schema of the client', () => {
  const core = new Set(CORE_DEFINITIONS.map(({ result }) => result));
  const definitions = readTeleprotoDefinitions().filter(({ result }) => !core.has(result));

  it('has definitions whose checksums are their constructors’ numbers', () => {
    const wrong = definitions.filter((definition) => crc32(checksumText(definition)) !== definition.id).map(({ name }) => name);
    expect(definitions.length).to.be.above(2400);
    /* Client-side inventions, names that lose their capitals, and numbers that Telegram once set by hand. */
    expect(
      wrong.filter(
        (name) =>
          !/^(tlsBlock|tlsClientHello|secureValueError|inputCheckPasswordSRP|account\.password$|help\.configSimple|accessPointRule|ipPortSecret)/.test(
            name,
          ),
      ),
    ).to.deep.equal([]);
  });

  it('agrees with the server’s own text of MTProto', () => {
    const byId = new Map(readTeleprotoDefinitions().map((definition) => [definition.id, definition]));
    for (const definition of CORE_DEFINITIONS) {
      const theirs = byId.get(definition.id);
      if (theirs)
        expect(
          theirs.fields.map(({ name, type }) => `${name}:${type.base.replace('string', 'bytes')}`),
          definition.name,
        ).to.deep.equal(definition.fields.map(({ name, type }) => `${name}:${type.base.replace('string', 'bytes')}`));
    }
  });
});

describe('The Telegram server: the codec', () => {
  it('reads back what it writes, flags and vectors included', () => {
    const request = {
      _: 'messages.sendMessage',
      silent: true,
      peer: { _: 'inputPeerUser', userId: 5n, accessHash: -3n },
      message: 'x'.repeat(300),
      randomId: -1n,
      entities: [{ _: 'messageEntityBold', offset: 0, length: 4 }],
    };
    expect(decode(encode(request))).to.deep.equal(request);
  });

  it('pads strings of every length to words', () => {
    for (const length of [0, 1, 2, 3, 4, 252, 253, 254, 255, 256, 257]) {
      const bytes = encode({ _: 'dataJSON', data: 'a'.repeat(length) });
      expect(bytes.length % 4).to.equal(0);
      const reader = new TlReader(bytes);
      expect(reader.object()).to.include({ data: 'a'.repeat(length) });
      expect(reader.offset).to.equal(bytes.length);
    }
  });

  it('refuses a field that the schema lacks, one that is missing, and half of a shared flag', () => {
    expect(() => encode({ _: 'inputPeerChat', chatId: 1, tittle: 'x' })).to.throw('has no tittle');
    expect(() => encode({ _: 'inputPeerChat' })).to.throw('inputPeerChat.chatId is no long');
    expect(() => encode({ _: 'auth.authorization', setupPasswordRequired: true, user: { _: 'userEmpty', id: 1 } })).to.throw(
      'otherwiseReloginDays',
    );
  });

  it('writes the result of a method as its schema says', () => {
    expect(encodeResult(productSchema(), 'account.updateStatus', true).toString('hex')).to.equal('b5757299');
    expect(encodeResult(productSchema(), 'users.getUsers', []).toString('hex')).to.equal('15c4b51c00000000');
  });

  it('reads schema text', () => {
    const [definition] = parseSchemaText('a.b#0000000f flags:# some_name:flags.3?Vector<long> = C;');
    expect(definition).to.deep.equal({
      name: 'a.b',
      id: 15,
      fields: [
        { name: 'flags', type: { base: '#', bare: false, vector: 'none' } },
        { name: 'someName', type: { base: 'long', bare: false, vector: 'boxed' }, flag: { field: 'flags', bit: 3 } },
      ],
      result: 'C',
      isFunction: false,
    });
  });
});
