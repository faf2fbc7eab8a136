import { languageModelContract } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';
import { openMessagesSubject } from '../../support/messages-subject.ts';
import { makeModel } from './harness.ts';

certify('LanguageModel: @ai-sdk/anthropic over a strict server', languageModelContract, () => openMessagesSubject(makeModel));
