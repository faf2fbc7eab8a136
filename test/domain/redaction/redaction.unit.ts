import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeGrowingRedactor } from '../../../src/domain/redaction/growing.ts';
import { makeSecretFinder, makeTextRedactor } from '../../../src/domain/redaction/redactor.ts';
import { wholeWordsOf } from '../../../src/domain/shared/excerpt.ts';
import { repeated, slowTexts } from '../../support/hostile-texts.ts';

/** Letters and digits that nobody chose, of a kind: no text here is a key, and none looks like one in this file. */
const made = (length: number, letters = 'aZ3kQ9xW7bLm2Rt5'): string =>
  Array.from({ length }, (_, i) => letters[(i * 7 + ((i * i) % 11)) % letters.length]).join('');
const hex = (length: number): string => made(length, '3f9a0c7b1e5d28');
const capitals = (length: number): string => made(length, 'QZ7XW3LM');
const from = (...parts: string[]): string => parts.join('');

const redact = makeTextRedactor([]);

describe('Secrets by their shape', () => {
  const uuid = `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
  const tokens: Record<string, string> = {
    Anthropic: from('sk-ant-', 'api03-', made(93), 'AA'),
    OpenAI: from('sk-', 'proj-', made(60)),
    'OpenAI service account': from('sk-', 'svcacct-', made(60)),
    OpenRouter: from('sk-or-', 'v1-', hex(64)),
    Perplexity: from('pplx', '-', made(48)),
    Groq: from('gsk', '_', made(52)),
    xAI: from('xai', '-', made(80)),
    Replicate: from('r8', '_', made(37)),
    'Hugging Face': from('hf', '_', made(34)),
    NVIDIA: from('nvapi', '-', made(64)),
    'AWS access key': from('AK', 'IA', capitals(16)),
    'AWS temporary key': from('AS', 'IA', capitals(16)),
    'Google API key': from('AI', 'za', made(35)),
    'Google access token': from('ya', '29.', made(60)),
    'Google client secret': from('GOC', 'SPX-', made(28)),
    'Google refresh token': from('1/', '/0', made(60)),
    'Azure client secret': from(made(3), '8Q~', made(34)),
    GitHub: from('gh', 'p_', made(36)),
    'GitHub fine-grained': from('github', '_pat_', made(82)),
    GitLab: from('gl', 'pat-', made(20)),
    'GitLab runner': from('gl', 'rt-', made(20)),
    Bitbucket: from('AT', 'BB', made(32)),
    Atlassian: from('ATA', 'TT3', made(180)),
    Linear: from('lin', '_api_', made(40)),
    Notion: from('nt', 'n_', made(46)),
    Airtable: from('pa', 't', made(14), '.', hex(64)),
    'Slack bot': from('xo', 'xb-', '123456789012-', made(24)),
    'Slack app': from('xa', 'pp-1-', capitals(11), '-', hex(64)),
    'Slack rotated': from('xo', 'xe.xo', 'xb-1-', capitals(163)),
    Discord: from('M', made(23), '.', made(6), '.', made(38)),
    Stripe: from('sk', '_live_', made(24)),
    'Stripe restricted': from('rk', '_test_', made(24)),
    'Stripe webhook': from('wh', 'sec_', made(32)),
    Twilio: from('S', 'K', hex(32)),
    SendGrid: from('S', 'G.', made(22), '.', made(43)),
    Mailgun: from('ke', 'y-', hex(32)),
    Mailchimp: from(hex(32), '-us', '12'),
    Brevo: from('xkey', 'sib-', hex(64), '-', made(16)),
    PyPI: from('py', 'pi-', 'AgEIcHlwaS5vcmc', made(60)),
    npm: from('np', 'm_', made(36)),
    RubyGems: from('ruby', 'gems_', hex(48)),
    Docker: from('dckr', '_pat_', made(27)),
    DigitalOcean: from('do', 'p_v1_', hex(64)),
    Heroku: from('HR', 'KU-AA', made(58)),
    'Fly.io': from('fo', '1_', made(43)),
    Vercel: from('vc', 'p_', made(56)),
    Netlify: from('nf', 'p_', made(36)),
    Supabase: from('sb', 'p_', hex(40)),
    PlanetScale: from('pscale', '_tkn_', made(43)),
    Databricks: from('da', 'pi', hex(32)),
    Shopify: from('shp', 'at_', hex(32)),
    Square: from('sq', '0atp-', made(22)),
    Vault: from('hv', 's.', made(95)),
    'Terraform Cloud': from(made(14), '.atlas', 'v1.', made(67)),
    Tailscale: from('ts', 'key-auth-', made(30)),
    Grafana: from('gl', 'sa_', made(32), '_', hex(8)),
    'New Relic': from('NR', 'AK-', capitals(27)),
    Sentry: from('sntr', 'yu_', hex(64)),
    Postman: from('PM', 'AK-', hex(24), '-', hex(34)),
    Doppler: from('dp.', 'pt.', made(43)),
    Pulumi: from('pu', 'l-', hex(40)),
    Figma: from('fi', 'gd_', made(40)),
    Artifactory: from('AK', 'Cp', made(69)),
    '1Password': from('ops', '_eyJ', made(260)),
    age: from('AGE-SECRET', '-KEY-1', capitals(58)),
    JWT: from('ey', 'J', made(20), '.ey', 'J', made(40), '.', made(43)),
    'Anthropic admin': from('sk-ant-', 'admin01-', made(93)),
    HubSpot: from('pa', 't-na1-', uuid),
    Plaid: from('acc', 'ess-production-', uuid),
    LaunchDarkly: from('sd', 'k-', uuid),
    Asana: from('1/', made(16, '0123456789'), ':', hex(32)),
    NuGet: from('oy', '2', made(43, 'a7zq3k9xw2')),
    'crates.io': from('ci', 'o', made(32)),
    ElevenLabs: from('s', 'k_', hex(48)),
    Resend: from('r', 'e_', made(8), '_', made(24)),
    Render: from('rn', 'd_', made(32)),
    Firecrawl: from('f', 'c-', hex(32)),
    Neon: from('na', 'pi_', made(64, 'a7zq3k9xw2')),
    'Vercel Blob': from('vercel', '_blob_rw_', made(16), '_', made(30)),
    'Slack cookie': from('xo', 'xd-', made(80)),
    'Slack browser': from('xo', 'xc-', '123456789012-', made(40)),
    'Firebase messaging': from('AAAA', made(7), ':APA', '91b', made(134)),
    'Facebook app': from(made(15, '123456789'), '|', made(27)),
    'Ghost admin': from(made(24, '012345'), ':', hex(64)),
    Yandex: from('AQ', 'VN', made(36)),
    'Amazon MWS': from('amzn', '.mws.', uuid),
    'DigitalOcean Spaces': from('DO', '00', capitals(16)),
    Scaleway: from('SC', 'W', capitals(17)),
    Matrix: from('sy', 't_', made(20), '_', made(20), '_', made(6)),
    Infisical: from('s', 't.', hex(24), '.', hex(32), '.', hex(32)),
    'a password as Apache keeps it': from('$ap', 'r1$', made(8), '$', made(22)),
    'a password as Unix keeps it': from('$', '6$', made(16), '$', made(86)),
    'a password in bcrypt': from('$2', 'y$10$', made(53)),
    'a password in Argon2': from('$argon', '2id$v=19$m=65536,t=3,p=4$', made(22), '$', made(43)),
    'Telegram bot': from('123456789', ':AA', made(33)),
    'Telegram session': from('1', made(352)),
  };
  for (const [maker, token] of Object.entries(tokens))
    it(`hides a token of ${maker} in prose, quotes, addresses and lists`, () => {
      for (const text of [token, `use ${token}, please`, `"${token}"`, `x=${token}\n`, `https://example.org/?a=${token}`, `[${token}]`]) {
        expect(redact(text), text).not.to.include(token.slice(-12));
        expect(redact(redact(text))).to.equal(redact(text));
      }
    });

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
    it(`hides what is named as a secret: ${text.slice(0, 40).replace(/\s+/g, ' ')}`, () => {
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

  it('takes time linear to the text, whatever it is made of', () => {
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
    it(`are hidden ${way}`, () => {
      const shown = makeTextRedactor([whole])(`a ${text} b`);
      expect(shown).to.include('[redacted]');
      // A mark, or the end that base64 leaves, may stay.
      expect(shown.replace('[redacted]', '').length).to.be.lessThan(12);
    });

  const secret = 'open/sesame+"4711"';
  const known = makeTextRedactor([secret, 'korrekt€pferd']);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  it('are hidden in JSON, addresses, hex and base64, wherever they begin in it', () => {
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

  it('are hidden with invisible characters in them', () => {
    expect(known(`a ${secret.slice(0, 4)}\u200b\u2060${secret.slice(4)} b`)).to.equal('a [redacted] b');
  });
});

describe('A growing text', () => {
  const known = 'five words of a secret';
  const secrets = [known, 'open-sesame-4711'];
  const growing = makeGrowingRedactor(secrets, makeSecretFinder(secrets));
  const token = from('gh', 'p_', made(36));
  const grown = (text: string): string[] => Array.from({ length: text.length + 1 }, (_, length) => growing(text.slice(0, length)));

  for (const [what, text, shownAtMost] of [
    ['a known value that is spelled out', 'it is o p e n - s e s a m e - 4 7 1 1 ok', 'it is o p e n'],
    ['a known value on two lines', 'it is open\nsesame 4711 ok', 'it is '],
    ['a password of four groups', 'app password: abcd efgh ijkl mnop', 'app '],
    ['a seed phrase', 'seed phrase: one two three four five six seven eight nine ten able ball', 'seed '],
  ] as const)
    it(`shows no beginning of ${what}`, () => {
      const grown = makeGrowingRedactor(['open-sesame-4711'], makeSecretFinder(['open-sesame-4711']));
      for (let length = 1; length < text.length; length++) {
        const shown = grown(text.slice(0, length));
        expect(shown.includes('[redacted]') || shown.length <= shownAtMost.length, JSON.stringify(shown)).to.equal(true);
      }
    });

  it('shows no beginning of a known value, of a token or of a named value', () => {
    for (const secret of [known, 'open-sesame-4711', token, 'password: hunter2hunter2', btoa('open-sesame-4711')]) {
      const parts = grown(`It is ${secret} as you said.`);
      for (const part of parts) expect(part, secret).to.match(/^(?:It is ?(?:(?:password: ?)?(?:\[redacted\].*)?)?|It ?|)$/);
      expect(parts.at(-1)).to.match(/redacted\] as you ?$/);
    }
  });

  for (const unseen of ['\u00ad', '\u115f', '\u180b', '\u200b', '\u3164', '\ufe0f', '\uffa0', '\u{e0041}', '\u{1d173}'])
    it(`shows no beginning of a token that has U+${unseen.codePointAt(0)?.toString(16)} in it, which nobody sees`, () => {
      const parts = grown(`It is ${token.slice(0, 12)}${unseen}${token.slice(12)} as you said.`);
      for (const part of parts) expect(part).not.to.include(token.slice(0, 8));
      expect(parts.at(-1)).to.equal('It is [redacted] as you ');
    });

  it('shows no beginning of a block of a key, so that nothing that was shown is taken back', () => {
    const block = `${from('-----BEGIN RSA PRI', 'VATE KEY-----')}\n${made(64)}\n`;
    for (const part of grown(`It is ${block}`)) expect('It is [redacted]').to.satisfy((whole: string) => whole.startsWith(part));
  });

  it('shows every whole word at once, and text without blanks between its words as it comes', () => {
    expect(growing('A few words and hal')).to.equal('A few words and ');
    expect(growing('これは進行中のテキスト')).to.equal('これは進行中のテキスト');
  });

  it('takes time linear to the text', () => {
    const withBlank = (text: string) => [growing(text), growing(`${text} `)];
    expect(slowTexts(withBlank, 100_000, { texts: repeated(['a', 'a ']) })).to.deep.equal([]);
  });
});

describe('wholeWordsOf', () => {
  it('leaves out the word that a cut goes through, so that no half of a key stays', () => {
    expect(wholeWordsOf('a key sk-abcdef and more', 12)).to.equal('a key ');
    expect(wholeWordsOf('a key sk-abcdef and more', 15)).to.equal('a key sk-abcdef');
    expect(wholeWordsOf('a key', 12)).to.equal('a key');
    expect(wholeWordsOf('一二三四五六', 4)).to.equal('一二三四');
    expect(wholeWordsOf('x'.repeat(50), 12)).to.equal('x'.repeat(12));
    expect(wholeWordsOf(`a ${'x'.repeat(30_000)}`, 20_000)).to.have.length(20_000);
  });
});
