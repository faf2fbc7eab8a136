import { expect } from 'chai';
import { ANN, answer, onStage, replyTo, supergroupId } from '../gateway-stage.ts';
import { asked, sendUntilDelivered } from './outbound-stage.ts';

const ADDRESSES = [
  'See https://evil.example/?q=hunter2 for more.',
  'See [the page](https://evil.example/?q=hunter2) for more.',
  'hunter2.evil.example',
  `${'A long answer. '.repeat(400)} https://evil.example/?q=hunter2`,
];

describe('An address in an answer on Telegram', () => {
  it('is fetched by nobody, as it grows, when it is sent, and when it is edited: it could carry something out', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const chats = [ANN, supergroupId];
      const questions = await Promise.all(chats.map((chat) => asked(stage, life, chat)));
      for (const [at, chat] of chats.entries())
        for (const text of ADDRESSES) {
          const message = answer(chat, text, replyTo(questions[at] as number));
          await life.gateway.showDraft({ ...message, text: 'https://evil.example/?q=hun' });
          const id = await sendUntilDelivered(life, message);
          expect(id).to.be.greaterThan(0);
        }
      expect(stage.server.sent.items.length).to.be.greaterThanOrEqual(2 * ADDRESSES.length);
      expect(stage.server.edits.items).to.not.have.length(0);
      expect(stage.server.previews.items).to.deep.equal([]);
    }));
});
