import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeTextRedactor } from '../../../src/domain/redaction/redactor.ts';
import { repeated, slowTexts } from '../../support/hostile-texts.ts';
import { capitals, from, hex, made, redact, uuid } from './made-secrets.ts';

describe('Secrets by their names', () => {
  const value = made(12);
  const named: [text: string, secret: string][] = [
    [`password: ${value}`, value],
    ['password: correcthorse', 'correcthorse'],
    [`  db_password: ${value} # of the test`, value],
    [`{"password":"${value}","user":"ann"}`, value],
    [`{"password" : "two words"}`, 'two words'],
    [`{\\"client_secret\\": \\"${value}\\"}`, value],
    [`'apiKey' => '${value}'`, value],
    [`api_key = "${value}"`, value],
    [`passwd=${value}`, value],
    [`PGPASSWORD=${value} psql`, value],
    [`DJANGO_SECRET_KEY=${value}&;(x`, `${value}&;(x`],
    [`SECRET_KEY_BASE=${value}`, value],
    [`aws_secret_access_key = ${made(40)}`, made(40)],
    [`AWS_SESSION_TOKEN=${made(80)}`, made(80)],
    [`"SecretAccessKey": "${made(40)}"`, made(40)],
    [`//registry.example/:_authToken=${uuid}`, uuid],
    [`_auth=${made(20)}`, made(20)],
    [`{"auths":{"x":{"auth":"${made(24)}"}}}`, made(24)],
    [`DefaultEndpointsProtocol=https;AccountKey=${made(86)}==;EndpointSuffix=x`, made(86)],
    [`Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=${made(43)}=`, made(43)],
    [`Server=x;User Id=sa;Password=${value};`, value],
    [`https://x.blob.example/c?sv=1&sig=${made(40)}%3D`, made(40)],
    [`x-api-key: ${value}`, value],
    [`X-Auth-Token: ${value}`, value],
    [`Cookie: session=${value}; theme=dark`, value],
    [`Set-Cookie: sid=${value}; HttpOnly`, value],
    [`"cookie": "sid=${value}"`, value],
    [`Authorization: Basic ${btoa('ann:opensesame')}`, btoa('ann:opensesame')],
    [`Authorization: ${made(30)}`, made(30)],
    [`-H "Authorization: Bearer ${value}"`, value],
    [`curl -u ann:${value} https://x`, value],
    [`mysql --password ${value}`, value],
    [`AWS Secret Access Key: ${made(40)}`, made(40)],
    [`API key: ${value}`, value],
    [`my password is ${value}, thanks`, value],
    [`Access Token = "${value}"`, value],
    [`machine example.org login ann password ${value}`, value],
    [`<password>${value}</password>`, value],
    [`<add key="Password" value="${value}" />`, value],
    [`[db]\nuser = ann\npass = ${value}`, value],
    [`ansible_become_pass=${value}`, value],
    [`login: ann pass: ${value}`, value],
    [`psk="${made(16)}"`, made(16)],
    [`spring.datasource.password:${value}`, value],
    [`password: |\n  ${value}\nuser: ann`, value],
    [`secret: >-\n    ${value}`, value],
    [`api_key:\n  ${made(24)}`, made(24)],
    [`- name: DB_PASSWORD\n  value: ${value}`, value],
    [`{"name":"API_TOKEN","value":"${made(24)}"}`, made(24)],
    [`{"key": "client_secret", "stringValue": "${made(24)}"}`, made(24)],
    [`kind: Secret\nstringData:\n  license: ${value}\n  other: x`, value],
    [`FROM x\nENV API_TOKEN ${made(24)}`, made(24)],
    [`define('DB_PASSWORD', '${value}');`, value],
    [`variable "db_password" {\n  default = "${value}"\n}`, value],
    [`sshpass -p '${value}' ssh ann@host`, value],
    [`sshpass -p${value} ssh ann@host`, value],
    [`mysql -uroot -p${value} kept`, value],
    [`redis-cli -h cache -a ${value}`, value],
    [`docker login -u ann -p ${value} registry.example`, value],
    [`Authorization: SSWS 00${made(40)}`, made(40)],
    [`jdbc:oracle:thin:scott/${value}@//db:1521/x`, value],
    [`{"kty":"oct","k":"${made(43)}"}`, made(43)],
    [`Passwort: ${value}`, value],
    [`Mein Passwort ist ${value}.`, value],
    [`mot de passe : ${value}`, value],
    [`contraseña: ${value}`, value],
    [`пароль: ${value}`, value],
    [`パスワード：${value}`, value],
    ['app password: abcd efgh ijkl mnop', 'efgh ijkl'],
    ['seed phrase: one two three four five six seven eight nine ten able ball', 'seven eight'],
    [`postgres://ann:${value}@db/kept`, value],
    [`postgres://ann:pa/ss${value}@db/kept`, value],
    [`redis://:${value}@cache:6379`, value],
    [`https://${made(40)}@git.example/x`, made(40)],
    [from('https://hooks.sl', `ack.com/services/T${capitals(8)}/B${capitals(8)}/${made(24)}`), made(24)],
    [from('https://disc', `ord.com/api/webhooks/123456789012345678/${made(68)}`), made(68)],
    [from('-----BEGIN OPENSSH PRI', `VATE KEY-----\n${made(70)}\n${made(30)}`), made(30)],
    [from('-----BEGIN PGP PRI', `VATE KEY BLOCK-----\n\n${made(64)}\n-----END PGP PRIVATE KEY BLOCK-----`), made(64)],
    [from('"private_key": "-----BEGIN PRI', `VATE KEY-----\\n${made(64)}\\n-----END PRIVATE KEY-----\\n"`), made(64)],
  ];
  for (const [text, secret] of named)
    it(`hides the value that is named as a secret in ${text.slice(0, 40).replace(/\s+/g, ' ')}`, () => {
      expect(text).to.include(secret);
      expect(redact(text)).not.to.include(secret);
      expect(redact(text)).to.include('[redacted]');
      expect(redact(redact(text))).to.equal(redact(text));
    });

  it('hides a token with invisible characters, full-width letters or %-forms in it', () => {
    const token = from('gh', 'p_', made(36));
    const escaped = [...token].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
    const wide = [...token].map((letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).join('');
    const parted = `${token.slice(0, 9)}\u200b${token.slice(9, 15)}\u00ad${token.slice(15)}`;
    for (const text of [escaped, wide, parted]) expect(redact(`a ${text} b`)).to.equal('a [redacted] b');
  });

  it('leaves prose, code, numbers, hashes and addresses alone', () => {
    for (const text of [
      'the token is missing; password: please set one',
      'Password: required. Token: see below. The secret: patience.',
      'const token = await makeToken(secret, options);',
      'readonly apiKey: string;\n  token?: string | undefined;',
      'password: z.string().min(8),',
      'apiKey: process.env.API_KEY, secret: config.secret',
      'max_tokens: 4096, tokens: 1000000, totalTokens=123456',
      `api_key=$API_KEY and password=$\{PASSWORD} and token=<your token>`,
      `commit ${hex(40)} of ${hex(64)} (sha256)`,
      `id ${uuid}, integrity sha512-`,
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4',
      'Basic understanding of bearer bonds; a cookie: sweet; keyboard: qwerty; monkey: 12345678',
      'task-skip-list-of-many-words-in-a-row and npm_config_user_agent and secret_access_of_the_user',
      'http://127.0.0.1:9000/health at 12:30:45, https://example.org:443/@ann/a:b@2',
      'user@example.org wrote to https://example.org/a:b',
      'git@github.com:owner/name.git, ssh://git@host/x',
      'docker run -u 1000:1000 image',
      'docker login registry.example.org, ssh -p 2222 host, mysql -u root -p kept',
      'pass: 12, fail: 3; pass=true; EVENT_TEST_PASS: "pass"; const pw = await page.waitFor()',
      'Das Passwort ist falsch. Passwort: vergessen? пароль: забыли? mot de passe : oublié',
      'password:\n  type: string\n  minLength: 8\n- name: token\n  in: header',
      'variable "password_length" { default = "12" }\nENV NODE_ENV production\nENV API_TOKEN $TOKEN',
      `register("password", "required"); t('password', 'Your password'); {"name":"token_count","value":"1234567"}`,
      '{"d":"M10 10L20 20H30V40Z","k":"a-long-name-of-a-class"}, $5 and $12$, 1/2/2024: yes',
      'The password is required, the token is invalid, the key is number 7, a secret is a secret.',
      '[https://bank.example](https://bank.example@evil.example)',
    ])
      expect(redact(text)).to.equal(text);
  });

  it('leaves the sources and documents of this repository alone', () => {
    const root = join(import.meta.dirname, '../../..');
    const hidden = ['src/**/*.{ts,js}', 'docs/**/*.md', 'README.md', 'package-lock.json']
      .flatMap((pattern) => globSync(pattern, { cwd: root }))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .map((text) => redact(text).split('[redacted]').length - text.split('[redacted]').length);
    // Addresses with a password, as examples.
    expect(hidden.reduce((all, one) => all + one)).to.be.lessThan(9);
  });

  it('redacts in time linear to the text, whatever it repeats', () => {
    const parts = [
      '://a:',
      'token\n=',
      'key',
      '-',
      'password="',
      '\u200b',
      '%41',
      'eyJ-',
      'PuTTY-User-Key-File-2:',
      '-1',
      'curl -u a',
      ' -u ',
      'login ',
      'mysql -p ',
      'token\nvalue',
      '\\x41',
      '%2541',
      'kind: Secret\ndata:\n a: b\n',
    ];
    expect(slowTexts(redact, 200_000, { texts: repeated(parts) })).to.deep.equal([]);
  });
});

describe('Known secrets', () => {
  const whole = 'kQ7/xY2+pLm9=Zr4tWv8';
  const each = (write: (letter: string) => string): string => [...whole].map(write).join('');
  const code = (letter: string, base = 16): string => letter.charCodeAt(0).toString(base);
  const hexPairs = Array.from(Buffer.from(whole), (byte) => byte.toString(16).padStart(2, '0'));
  const ways: Record<string, string> = {
    'spelled out': [...whole].join(' '),
    'with dashes': [...whole].join('-'),
    'on two lines': `${whole.slice(0, 9)}\n  ${whole.slice(9)}`,
    'in two strings': `"${whole.slice(0, 9)}" + "${whole.slice(9)}"`,
    'in bold': `${whole.slice(0, 9)}**${whole.slice(9)}**`,
    'in capitals': whole.toUpperCase(),
    'turned round': [...whole].reverse().join(''),
    'in pairs of hex digits': hexPairs.join(' '),
    'in pairs with colons': hexPairs.join(':'),
    'in escapes of bytes': hexPairs.map((pair) => `\\x${pair}`).join(''),
    'in escapes of code points': each((letter) => `\\u{${code(letter)}}`),
    'in entities with zeros': each((letter) => `&#00${code(letter, 10)};`),
    'in entities with a large X': each((letter) => `&#X${code(letter)};`),
    'in %-forms of %-forms': encodeURIComponent(each((letter) => `%${code(letter)}`)),
    'in base64 of base64': btoa(btoa(whole)),
    'with accents': each((letter) => `${letter}\u0301`),
    'with a soft hyphen as an entity': `${whole.slice(0, 9)}&shy;${whole.slice(9)}`,
    'with a zero-width space as an escape': `${whole.slice(0, 9)}\\u200b${whole.slice(9)}`,
    'with a colour of a terminal': `${whole.slice(0, 9)}\u001b[0m${whole.slice(9)}`,
    'with a NUL': `${whole.slice(0, 9)}\0${whole.slice(9)}`,
    'in mathematical letters': each((letter) =>
      /[a-z]/.test(letter) ? String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97) : letter,
    ),
  };
  for (const [way, text] of Object.entries(ways))
    it(`hides a known secret ${way}`, () => {
      const shown = makeTextRedactor([whole])(`a ${text} b`);
      expect(shown).to.include('[redacted]');
      // A mark, or the end that base64 leaves, may stay.
      expect(shown.replace('[redacted]', '').length).to.be.lessThan(12);
    });

  const secret = 'open/sesame+"4711"';
  const known = makeTextRedactor([secret, 'korrekt€pferd']);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  it('hides known secrets in JSON, addresses, hex and base64, wherever they begin in it', () => {
    for (const form of [
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase(),
      [...secret].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join(''),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('hex').toUpperCase(),
      encodeURIComponent('korrekt€pferd'),
    ])
      expect(known(`a ${form} b`), form).to.equal('a [redacted] b');
    for (const before of ['', 'a', 'ab', 'abc:'])
      for (const encode of [base64, (text: string) => Buffer.from(text).toString('base64url')]) {
        const written = encode(`${before}${secret}, and more`);
        const shown = known(written);
        expect(shown).to.include('[redacted]');
        expect(Buffer.from(shown.replace('[redacted]', ''), 'base64').toString('latin1')).not.to.include('sesame');
      }
  });

  it('hides known secrets with invisible characters in them', () => {
    expect(known(`a ${secret.slice(0, 4)}\u200b\u2060${secret.slice(4)} b`)).to.equal('a [redacted] b');
  });
});
