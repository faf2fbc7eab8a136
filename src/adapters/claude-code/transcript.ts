import { addUsage, NO_USAGE, type Usage } from '../../domain/index.ts';
import type { CodingDenial, CodingHooks } from '../../ports/index.ts';
import { countOf, type Fields, fieldsOf, listOf, textOf } from './sdk.ts';
import { titleOf } from './title.ts';

/** What a run has told so far. */
export interface Transcript {
  /** Messages of kinds that are not known here are passed over. */
  note(message: unknown): void;
  /** Once for each call, whoever tells of it first. */
  deny(callId: string, denial: CodingDenial): void;
  /** The last result; undefined if there was none. */
  result(): Fields | undefined;
  denials(): readonly CodingDenial[];
  usage(): Usage;
  model(): string | undefined;
}

const MAX_DENIALS = 100;
const RULE = 'the rules of Claude Code do not allow it';

export const makeTranscript = (workspace: string, { onProgress }: Pick<CodingHooks, 'onProgress'>): Transcript => {
  const denials = new Map<string, CodingDenial>();
  /** By the id of a reply: it is told in parts, each with the usage so far. */
  const usages = new Map<string, Usage>();
  let result: Fields | undefined;
  let model: string | undefined;

  const deny = (callId: string, denial: CodingDenial): void => {
    if (denials.size < MAX_DENIALS && !denials.has(callId)) denials.set(callId, denial);
  };

  const noteReply = (reply: Fields): void => {
    const usage = fieldsOf(reply.usage);
    usages.set(textOf(reply.id), {
      inputTokens: countOf(usage.input_tokens),
      outputTokens: countOf(usage.output_tokens),
      cacheReadTokens: countOf(usage.cache_read_input_tokens),
      cacheWriteTokens: countOf(usage.cache_creation_input_tokens),
    });
    const name = textOf(reply.model);
    if (name !== '' && !name.startsWith('<')) model = name;
    for (const block of listOf(reply.content).map(fieldsOf))
      if (block.type === 'tool_use') onProgress(titleOf(textOf(block.name), fieldsOf(block.input), workspace));
  };

  return {
    deny,
    note: (told) => {
      const message = fieldsOf(told);
      if (message.type === 'assistant') noteReply(fieldsOf(message.message));
      if (message.type === 'system' && message.subtype === 'permission_denied')
        deny(textOf(message.tool_use_id), { title: textOf(message.tool_name), reason: textOf(message.decision_reason) || RULE });
      if (message.type === 'result') result = message;
    },
    result: () => result,
    denials: () => {
      for (const denied of listOf(result?.permission_denials).map(fieldsOf))
        deny(textOf(denied.tool_use_id), {
          title: titleOf(textOf(denied.tool_name), fieldsOf(denied.tool_input), workspace),
          reason: RULE,
        });
      return [...denials.values()];
    },
    usage: () => [...usages.values()].reduce(addUsage, NO_USAGE),
    model: () => model,
  };
};
