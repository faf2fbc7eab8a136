import { wellFormed } from '../../domain/shared/well-formed.ts';
import { TEXTS_IN_WORDS } from '../../ports/adapter-kit/shown-media.ts';
import type { OpenAiApi, Question } from './api.ts';
import type { LimitName } from './dialect.ts';
import { sentOf, toParams } from './params.ts';
import { makeReplyReader } from './reply.ts';

/** Chat Completions (https://platform.openai.com/docs/api-reference/chat), which compatible servers speak. */
export const makeChatApi = (limitNames: readonly LimitName[]): OpenAiApi => ({
  dialect: { limitNames, omitted: [], unshown: TEXTS_IN_WORDS },
  ask: (client, question, options) => client.chat.completions.create(wellFormed(paramsOf(question)), options).asResponse(),
  sent: (question) => sentOf(paramsOf(question)),
  partAt: (question, message, part) => {
    const content = paramsOf(question).messages[message]?.content;
    return typeof content === 'object' ? content?.[part] : content;
  },
  makeReader: makeReplyReader,
});

const paramsOf = ({ model, request, dialect, name }: Question) => toParams(model, request, dialect, name);
