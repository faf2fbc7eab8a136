import { expect } from 'chai';
import { codeQuestion, passwordQuestion } from '../../src/main/login-questions.ts';

describe('What kept login asks', () => {
  for (const [question, words] of [
    [{ sentTo: 'app', retry: false }, 'The code that Telegram sent to your other devices: '],
    [{ sentTo: 'app', retry: true }, 'That was not it. The code that Telegram sent to your other devices: '],
    [
      { sentTo: 'app', retry: false, again: { by: 'sms', inMs: 59_100 } },
      'The code that Telegram sent to your other devices (Enter alone, 60 s from now, for one by SMS): ',
    ],
    [
      { sentTo: 'sms', retry: false, again: { by: 'call', inMs: 0 } },
      'The code that Telegram sent you by SMS (Enter alone for a telephone call): ',
    ],
    [{ sentTo: 'sms-word', retry: false, detail: 'k' }, 'The word that Telegram sent you by SMS (beginning with “k”): '],
    [{ sentTo: 'email', retry: false, detail: 'k***@e***.org' }, 'The code that Telegram sent by e-mail to k***@e***.org: '],
    [
      { sentTo: 'missed-call', retry: false, detail: '+4930', length: 4 },
      'Telegram calls you and hangs up: the last 4 digits of the number that called (+4930…): ',
    ],
    [{ sentTo: 'fragment', retry: false, detail: 'https://fragment.com/x' }, 'The code that waits for you at https://fragment.com/x: '],
    [
      { sentTo: 'app', retry: false, noOther: true },
      'Telegram sends no other code now. The code that Telegram sent to your other devices: ',
    ],
    [
      { sentTo: 'app', retry: false, anew: true },
      'Telegram has begun anew and sent another code. The code that Telegram sent to your other devices: ',
    ],
    [{ sentTo: 'other', retry: false }, 'The code that Telegram sent to you: '],
  ] as const)
    it(`is “${words.trim()}”`, () => {
      expect(codeQuestion(question)).to.equal(words);
    });

  it('shows what comes from Telegram as plain text, on one line', () => {
    expect(codeQuestion({ sentTo: 'email', retry: false, detail: 'k\u001b[2J\n@e' })).to.equal(
      'The code that Telegram sent by e-mail to k @e: ',
    );
    expect(passwordQuestion({ hint: 'a\u001b[31m\nb', retry: true })).to.equal('That was not it. Your two-step password (hint: a b): ');
  });
});
