import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import { languageModelContract } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';
import { openMessagesSubject } from '../../support/messages-subject.ts';

certify('LanguageModel: anthropic over a strict server', languageModelContract, () =>
  openMessagesSubject((baseUrl) =>
    makeAnthropicModel({ client: createAnthropicClient({ apiKey: 'test', baseUrl }), model: 'claude-sonnet-5-5' }),
  ),
);
