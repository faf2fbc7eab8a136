import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeExplainMessage } from '../../../src/application/inbox/explain-message.ts';
import { askedMessage } from '../../../src/domain/index.ts';
import { buildRecord, buildRun, START, telegramChat, telegramMessage } from '../../../src/testing/index.ts';

const chat = telegramChat(501);

describe('A message that waits beside an interrupted turn', () => {
  it('is explained with the steps of the run that answers it, and never with those of another', async () => {
    const { stores } = makeMemoryStorage();
    const records = [1, 2].map((n) => buildRecord({ messageId: telegramMessage(n) }));
    for (const record of records) await stores.messages.add(record);
    const asked = records.slice(0, 1).map(({ message }) => askedMessage(message));
    await stores.journal.append({
      run: buildRun('r', { asked }),
      writer: 'w',
      from: 0,
      steps: [{ kind: 'intent', at: START, call: 0, tool: 'send' }],
    });
    const explain = makeExplainMessage({ stores });
    expect((await explain(chat, telegramMessage(1)))?.steps).to.have.length(1);
    expect((await explain(chat, telegramMessage(2)))?.steps).to.deep.equal([]);
  });
});
