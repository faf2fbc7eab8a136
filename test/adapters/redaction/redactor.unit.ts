import { expect } from 'chai';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import { slowTexts } from '../../support/hostile-texts.ts';

// Put together here, so that no text of the repository has the shape of a real one.
const shaped = (start: string, length: number): string => start + 'aB3'.repeat(length).slice(0, length);
const KEY = shaped('sk-', 32);
const BOT_TOKEN = shaped(`${'12345'.repeat(2)}:`, 35);
const PEM = ['-----BEGIN', 'PRIVATE KEY-----\n', shaped('', 64), '\n', shaped('', 20), '\n-----END', 'PRIVATE KEY-----'].join(' ');

describe('The redactor of known and shaped secrets', () => {
  const redact = makeRedactor(['a secret of ours', 'a secret of ours, longer', 'ollama', 'with"quote+and/slash']);

  it('hides known values, however often they stand and however they are written', () => {
    expect(redact('x a secret of ours, longer y a secret of ours z')).to.equal('x [redacted] y [redacted] z');
    expect(redact(encodeURIComponent('with"quote+and/slash'))).to.equal('[redacted]');
    expect(redact(JSON.stringify({ a: 'with"quote+and/slash' }))).to.equal('{"a":"[redacted]"}');
  });

  it('leaves short values alone, which are words', () => {
    expect(redact('ollama is a model server')).to.equal('ollama is a model server');
  });

  const shapes: [title: string, text: string, secret: string][] = [
    ['an API key', `key ${KEY} was refused`, KEY],
    ['a Perplexity key', shaped('pplx-', 40), shaped('', 40)],
    ['a Notion key', `"${shaped('secret_', 40)}"`, shaped('', 40)],
    ['a bot token', `token ${BOT_TOKEN}.`, BOT_TOKEN],
    ['a bot token in an address', `https://api.telegram.org/bot${BOT_TOKEN}/getMe`, BOT_TOKEN],
    ['a bearer token', `authorization: Bearer ${shaped('', 24)}`, shaped('', 24)],
    ['basic credentials', `Authorization: Basic ${btoa('ann:openthedoor')}`, btoa('ann:openthedoor')],
    ['a private key', `before\n${PEM}\nafter`, shaped('', 20)],
    ['a private key that was cut', PEM.slice(0, 70), shaped('', 20)],
    ['a password in an address', 'postgres://ann:p@ss-word@db.example/kept?x=1', 'p@ss-word'],
    ['a token in a query', 'GET /?access_token=openthedoor&page=2', 'openthedoor'],
  ];
  for (const [title, text, secret] of shapes)
    it(`hides ${title}, which it knows by its shape`, () => {
      expect(text).to.include(secret);
      expect(redact(text)).not.to.include(secret);
      expect(redact(text)).to.include('[redacted]');
      expect(redact(redact(text))).to.equal(redact(text));
    });

  it('leaves ordinary text alone', () => {
    for (const text of [
      'Basic understanding of bearer bonds',
      'http://127.0.0.1:9000/health at 12:30:45',
      'task-skip-list-of-many-words-in-a-row',
      'the token is missing; password: please set one',
      'user@example.org wrote to https://example.org/a:b',
      '2026-11-22T18:46:36.710Z #12 [pending] 1234567:short',
      '-1001234567890',
    ])
      expect(redact(text)).to.equal(text);
  });

  it('takes not much longer for a hostile text than for a plain one', () => {
    expect(slowTexts(redact, 50_000)).to.deep.equal([]);
  }).timeout(20_000);

  it('takes time linear to the text, whatever it repeats', () => {
    const parts = [
      'a',
      '-',
      '-----BEGIN PRIVATE KEY-----',
      'https://a',
      'Bearer a',
      'sk-',
      '1',
      'password=',
      'eyJaaaaaaaa.',
      'authorization: ',
    ];
    const started = performance.now();
    for (const part of parts) redact(part.repeat(Math.ceil(200_000 / part.length)));
    expect(performance.now() - started).to.be.lessThan(2000);
  });
});
