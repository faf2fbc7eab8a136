import { wellFormed } from '../../domain/shared/well-formed.ts';
import type { OpenAiApi, Question } from './api.ts';
import type { LimitName } from './dialect.ts';
import { sentOf, toParams } from './params.ts';
import { makeReplyReader } from './reply.ts';

/** Chat Completions (https://platform.openai.com/docs/api-reference/chat), which compatible servers speak. */
export const makeChatApi = (limitNames: readonly LimitName[]): OpenAiApi => ({
  dialect: { limitNames, omitted: [] },
  ask: (client, question, options) => client.chat.completions.create(wellFormed(paramsOf(question)), options).asResponse(),
  sent: (question) => sentOf(paramsOf(question)),
  makeReader: makeReplyReader,
});

const paramsOf = ({ model, request, dialect, name }: Question) => toParams(model, request, dialect, name);
