import { expect } from 'chai';
import type { FetchedAttachment } from '../../../src/domain/index.ts';
import { MAX_MESSAGE_LENGTH } from '../../../src/domain/message/message.ts';
import { withFetched } from '../../../src/domain/message/with-fetched.ts';
import { telegramMessage } from '../../../src/testing/index.ts';

const [one, two] = [telegramMessage(1), telegramMessage(2)];
const fetched = (messageId: typeof one, words = `[saved as inbox/${messageId}]`): FetchedAttachment => ({
  messageId,
  kind: 'document',
  words,
});

describe('A message whose files were fetched', () => {
  it('says below its own words, or those of the part that brought it, where each file is', () => {
    expect(withFetched({ messageId: one, text: 'look' }, [fetched(one, '[a]'), fetched(one, '[b]')])).to.deep.include({
      text: 'look\n[a]\n[b]',
    });
    const parts = [one, two].map((messageId) => ({ messageId, text: `part ${messageId}` }));
    expect(withFetched({ messageId: one, text: 'x', parts }, [fetched(two, '[b]')]).parts?.map(({ text }) => text)).to.deep.equal([
      'part telegram:1',
      'part telegram:2\n[b]',
    ]);
  });

  it('has no file of a part that is not there, or not any more', () => {
    expect(withFetched({ messageId: one, text: 'look' }, [fetched(two)])).to.deep.equal({ text: 'look' });
    const parts = [{ messageId: one, text: 'left' }];
    expect(withFetched({ messageId: one, text: 'left', parts }, [fetched(two)])).to.deep.equal({ text: 'left', parts });
  });

  it('is no longer than a message may be', () => {
    const { text } = withFetched({ messageId: one, text: 'x'.repeat(MAX_MESSAGE_LENGTH) }, [fetched(one, '[saved]')]);
    expect(text.length).to.be.at.most(MAX_MESSAGE_LENGTH);
  });
});
