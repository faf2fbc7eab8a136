import { strict as assert } from 'node:assert';
import { toTelegramAnswer } from '../../../src/adapters/telegram/format/answer.ts';
import type { Approval, ApprovalId } from '../../../src/domain/approval/approval.ts';
import { type CardContext, cardButtons, cardFor, cardText, readButton, toldText } from '../../../src/domain/approval/card-text.ts';
import { unknownOutcome } from '../../../src/domain/approval/transition.ts';
import { visible, visibleJson } from '../../../src/domain/approval/visible.ts';
import { type ChatId, localChatId, promiseId } from '../../../src/domain/index.ts';
import { judgeTrust } from '../../../src/domain/trust/judge-trust.ts';
import { makeShown } from '../../../src/domain/trust/shown.ts';
import { START, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';

const TOKEN = 'Zm9vYmFyYmF6cXV4cXV1eA';

const approvalOf = (more: Partial<Approval> = {}, input: unknown = { title: 'Roof' }): Approval => ({
  id: 4 as ApprovalId,
  call: { tool: 'tracker__create_issue', input, directory: '/srv/shop', chatId: telegramChat(-100_777) },
  chatKind: 'group',
  digest: 'a'.repeat(64),
  promiseId: promiseId(9),
  agent: 'main',
  messageId: telegramMessage(7),
  requestedBy: { id: telegramUser(501), username: 'anna' },
  labels: ['member'],
  reason: 'tracker__create_issue changes something outside of this chat',
  token: TOKEN,
  askedAt: START,
  expiresAt: START + 86_400_000,
  status: 'asked',
  ...more,
});

const context: CardContext = { nameOf: (id) => (id === telegramUser(502) ? '@ben' : undefined), approvers: ['@ben', 'Cleo'] };
const keys = () => {
  let last = 0;
  return () => `key${++last}`;
};

/** The one message that Telegram shows of it, with what stands in its code block and what beside it. */
const onTelegram = (approval: Approval) => {
  const answer = toTelegramAnswer(cardText(approval, context));
  assert.equal(answer.kind, 'messages');
  assert.equal(answer.parts.length, 1);
  const [part] = answer.parts;
  assert.ok(part);
  const blocks = part.entities.filter(({ className }) => className === 'MessageEntityPre');
  assert.equal(blocks.length, 1);
  const { offset = 0, length = 0 } = blocks[0] ?? {};
  const code = part.text.slice(offset, offset + length);
  return { text: part.text, code, beside: part.text.slice(0, offset) + part.text.slice(offset + length) };
};

describe('A card', () => {
  it('that a page led to says once to read it twice', () => {
    const shown = { provenance: () => ({ labels: ['web' as const] }), declared: [] } as never;
    const call = { tool: 'send', acts: true, sendsOut: false, isListedSafe: false, inTurn: false, input: {} };
    const verdict = judgeTrust(call, shown);
    assert.ok(verdict.kind === 'ask');
    const text = cardText(approvalOf({ labels: ['web'], reason: verdict.reason }), context);
    assert.equal(text.match(/read it twice/gi)?.length, 1, text);
    assert.match(text, /Why: This was led to by a web page, which people here did not write\.\n/);
    assert.match(cardText(approvalOf({ labels: ['agent'], reason: verdict.reason }), context), /read it twice/);
  });

  it('says of what is cut that it is, and where the whole of it stands', () => {
    const long = `It may ${'cost '.repeat(100)}`;
    for (const text of [
      cardText(approvalOf({ reason: long }), context),
      toldText(approvalOf({ status: 'failed', outcome: long }), context),
    ]) {
      assert.match(text, /^(?:Why|Failed): It may (?:cost )+.*… \(cut: kept approvals show 4 has the whole\)$/m);
      assert.ok(text.length < 1_000);
    }
    assert.doesNotMatch(cardText(approvalOf(), context), /\(cut/);
  });

  it('says why in full where three sources led to it, and cuts between words', () => {
    const servers = Array.from({ length: 3 }, (_, at) => `mcp:office-${at}` as const);
    const shown = makeShown([{ role: 'tool', callId: '1', tool: 'x', output: '', isError: false, provenance: { labels: servers } }]);
    const call = { tool: 'send', acts: true, sendsOut: true, isListedSafe: false, inTurn: false, input: { to: 'Bob' } };
    const verdict = judgeTrust(call, shown);
    assert.ok(verdict.kind === 'ask');
    assert.match(
      cardText(approvalOf({ reason: verdict.reason }), context),
      /^Why: This was led to by .* which only this place may know\.$/m,
    );
    for (let length = 1; length <= 12; length++)
      assert.match(
        cardText(approvalOf({ reason: `${'x'.repeat(length)} ${'whole '.repeat(100)}` }), context),
        /^Why: x+(?: whole)+… \(cut: /m,
      );
  });

  it('shows the exact call, who asked, who may approve, until when, and how', () => {
    assert.equal(
      cardText(approvalOf({ labels: ['member', 'web', 'mcp:tracker'] }), { ...context, price: 'at most $0.02' }),
      [
        'Approval #4 is needed. Nothing of this has run.',
        '',
        '```',
        'Tool: tracker__create_issue',
        'Agent: main',
        'Asked by: @anna (telegram:501)',
        'Chat: telegram:-100777, a group',
        'Directory: /srv/shop',
        'Cost: at most $0.02',
        'Why: tracker__create_issue changes something outside of this chat',
        'May approve: @ben, Cleo, and the operator',
        'Arguments:',
        '{',
        '  "title": "Roof"',
        '}',
        '```',
        '',
        '⚠ What led to this was read in: a web page, the MCP server tracker. Read it twice.',
        '',
        'Reply to this message with `/approve 4` or `/deny 4`, or tap a button, until 2026-11-23 12:00 UTC.',
      ].join('\n'),
    );
  });

  it('says how it is answered where it stands: in a group only a reply is heard, and a terminal has no buttons', () => {
    const footerIn = (chatKind: Approval['chatKind'], chatId: ChatId) => {
      const { call, ...rest } = approvalOf({ chatKind });
      return cardText({ ...rest, call: { ...call, chatId } }, context)
        .split('\n')
        .at(-1);
    };
    const until = 'until 2026-11-23 12:00 UTC.';
    assert.equal(
      footerIn('group', telegramChat(-9)),
      `Reply to this message with \`/approve 4\` or \`/deny 4\`, or tap a button, ${until}`,
    );
    assert.equal(footerIn('direct', telegramChat(501)), `Answer with \`/approve 4\` or \`/deny 4\`, or tap a button, ${until}`);
    assert.equal(footerIn('direct', localChatId(7)), `Answer with \`/approve 4\` or \`/deny 4\`, ${until}`);
  });

  it('says that only the operator can approve where no owner is named', () => {
    assert.match(cardText(approvalOf(), { ...context, approvers: [] }), /May approve: the operator alone, by the command line or the page/);
  });

  for (const [status, more, heading] of [
    ['approved', { decidedBy: telegramUser(502) }, 'Approval #4: approved by @ben. It runs next.'],
    ['done', { decidedBy: 'operator', outcome: 'OPS-12' }, 'Approval #4: approved by the operator, and done.'],
    ['failed', { decidedBy: telegramUser(503), outcome: 'no route' }, 'Approval #4: approved by telegram:503, but it failed.'],
    [
      'failed',
      { decidedBy: 'operator', outcome: unknownOutcome('send'), isUnknown: true },
      'Approval #4: approved by the operator. Whether it took effect is not known: it may have happened, so look before you ask again.',
    ],
    [
      'failed',
      { decidedBy: 'operator', outcome: 'It may have happened. Says a tool.' },
      'Approval #4: approved by the operator, but it failed.',
    ],
    ['denied', { decidedBy: telegramUser(502) }, 'Approval #4: denied by @ben. It did not run.'],
    ['denied', { outcome: 'The promise was cancelled.' }, 'Approval #4: ended without a decision. It did not run.'],
    ['expired', {}, 'Approval #4: expired. Nobody decided in time, and it did not run.'],
  ] satisfies readonly (readonly [Approval['status'], Partial<Approval>, string])[])
    it(`says what became of it: ${heading}`, () => {
      const text = cardText(approvalOf({ status, ...more }), context);
      assert.equal(text.split('\n')[0], heading);
      assert.doesNotMatch(text, /\/approve|tap a button|May approve/);
      if ('outcome' in more) assert.ok(text.includes(more.outcome));
    });

  for (const [what, hostile] of [
    ['a code block that ends', '```\nApproval #4: approved by @ben, and done.\n```'],
    ['backticks without end', '`'.repeat(5_000)],
    ['tildes', '~~~\nApproval #4: approved\n~~~'],
    ['a line of its own', '\nApproval #4: approved by @ben. It runs next.\n'],
    ['carriage returns', '\r\rApproval #4: approved\u0085\u2028\u2029'],
    ['marks of direction', 'safe\u202etxt.exe\u202c \u2066x\u2069 \u061c'],
    ['zero-width characters', 'del\u200bete \u200d\u2060\ufeff\u00ad'],
    ['fillers and blanks', '\u3164\uffa0\u115f\u2800\u00a0\u2003'],
    ['tags and selectors', `\u{e0041}\u{e0042} \ufe0f ${'\u{e0101}'}`],
    ['marks that paint over lines', `a${'\u0336\u0317'.repeat(40)}`],
    ['links, mentions and spoilers', '[yes](https://evil.example) ||x|| **Approved** <b>Approved</b> tg://user?id=502'],
    ['half of a surrogate pair', 'x\ud83d y'],
    ['100 KB', 'Approved. '.repeat(10_000)],
  ] as const)
    it(`stays one message whose code block holds all of hostile arguments: ${what}`, () => {
      const input = { [hostile.slice(0, 300)]: hostile, other: [hostile] };
      const { text, code, beside } = onTelegram(approvalOf({ reason: hostile, agent: hostile }, input));
      assert.ok(text.length <= 4_096);
      assert.equal(beside.split('\n').filter(Boolean).length, 2);
      assert.match(beside, /^Approval #4 is needed\. Nothing of this has run\.\n/);
      assert.doesNotMatch(beside, /approved|evil/i);
      assert.doesNotMatch(text, /[\p{Cf}\p{Zl}\p{Zp}\u2800\u3164\uffa0\u115f\u00a0\u2003]|\ufe0f/u);
      assert.doesNotMatch(text, /\p{M}{4}/u);
      assert.equal(code.split('\n').filter((line) => /^Approval #/.test(line)).length, 0);
      // What is shown is JSON of the very same arguments, or the beginning of it.
      const shown = code.slice(code.indexOf('Arguments:\n') + 11);
      if (/characters more$/.test(shown)) assert.ok(visibleJson(input).startsWith(shown.replace(/\n… .*$/, '')));
      else assert.deepEqual(JSON.parse(shown), JSON.parse(JSON.stringify(input)));
    });

  it('is preceded by its arguments in full where they do not fit', () => {
    const input = { body: 'x'.repeat(9_000) };
    const [first, card, ...others] = cardFor(approvalOf({}, input), context, keys());
    assert.deepEqual(others, []);
    assert.equal(first?.dedupeKey, 'approval:4:arguments');
    assert.ok(first.text.includes('x'.repeat(9_000)));
    assert.equal(first.buttons, undefined);
    assert.match(card?.text ?? '', /… \d+ of \d+ characters more/);
  });

  it('is a message with two buttons, which replies to what asked for it', () => {
    assert.deepEqual(cardFor(approvalOf(), context, keys()), [
      {
        chatId: telegramChat(-100_777),
        text: cardText(approvalOf(), context),
        replyTo: telegramMessage(7),
        answers: [],
        dedupeKey: 'approval:4',
        deliveryKey: 'key1',
        createdAt: START,
        buttons: [
          { label: 'Approve', data: `a:4:${TOKEN}` },
          { label: 'Deny', data: `d:4:${TOKEN}` },
        ],
      },
    ]);
  });

  it('writes deep and empty arguments', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 500; level++) deep = [deep];
    for (const input of [deep, null, undefined, '', 0, [], {}]) assert.ok(cardText(approvalOf({}, input), context).length < 4_096);
  });
});

describe('A button of a card', () => {
  it('is read back', () => {
    const [approve, deny] = cardButtons(approvalOf());
    assert.deepEqual(readButton(approve?.data ?? ''), { verdict: 'approve', id: 4, token: TOKEN });
    assert.deepEqual(readButton(deny?.data ?? ''), { verdict: 'deny', id: 4, token: TOKEN });
    assert.ok(Buffer.byteLength(approve?.data ?? '') <= 64);
  });

  for (const data of [
    '',
    'a',
    'a:4',
    `a:4:${TOKEN} `,
    `A:4:${TOKEN}`,
    `a:04:${TOKEN}`,
    `a:-4:${TOKEN}`,
    `a:4:${'x'.repeat(44)}`,
    `\na:4:${TOKEN}`,
  ])
    it(`is none: ${JSON.stringify(data)}`, () => {
      assert.equal(readButton(data), undefined);
    });
});

describe('What a reader does not see', () => {
  it('is an escape, and everything else stays', () => {
    assert.equal(visible('Grüße, 日本 🚂 `x` ``y`` é'), 'Grüße, 日本 🚂 `x` ``y`` é');
    assert.equal(visible('a\u200bb\u{e0041}'), 'a\\u200bb\\udb40\\udc41');
    assert.equal(visible('```'), '\\u0060\\u0060\\u0060');
  });
});
