import { makeRehearsalModel } from '../../../src/adapters/rehearsal/index.ts';
import { systemClock } from '../../../src/adapters/system/index.ts';
import { languageModelContract } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';
import { aRequest } from '../../support/model-peer.ts';

const LIST = { name: 'list_files', description: 'Lists files', inputSchema: { type: 'object' } };
const saying = (text: string) => aRequest({ conversation: [{ role: 'person', name: 'Ada', text }], tools: [LIST] });

certify('LanguageModel: rehearsal', languageModelContract, () => ({
  subject: {
    model: makeRehearsalModel({ clock: systemClock }),
    text: () => saying('hello'),
    call: () => saying('list files in src'),
    endless: () => saying('count to 30 slowly'),
  },
  close: () => undefined,
}));
