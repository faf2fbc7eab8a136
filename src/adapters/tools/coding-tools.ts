import { z } from 'zod';
import { promiseId } from '../../domain/promise/promise.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import type { DraftPromise } from '../../ports/use-cases/make-promise.ts';
import { defineTool, failure, overStorage } from './define-tool.ts';
import { askedMessage, message } from './promise-tools.ts';

/** What the tool needs of the application. */
export interface CodingToolDeps {
  readonly draftPromise: DraftPromise;
  /** Why no code may be changed for this chat, in words; undefined where it may. */
  readonly codingRefusal: (context: ToolContext) => string | undefined;
}

/** The tool that hands work on code to the coding agent: `delegate_coding_task`. */
export const makeCodingTools = ({ draftPromise, codingRefusal }: CodingToolDeps): Tool[] =>
  [
    defineTool({
      name: 'delegate_coding_task',
      description:
        'Has a coding agent change the files of the workspace, as a background task. It starts when this reply is sent; what it changed comes to this chat by itself. A later task in this chat goes on from what it knows of the earlier ones.',
      schema: z.object({
        task: z
          .string()
          .trim()
          .min(1)
          .max(10_000)
          .describe('What to change, and how one can tell that it is done, in words that make sense without this conversation'),
        depends_on: z
          .array(z.number().int().min(1).max(Number.MAX_SAFE_INTEGER))
          .max(50)
          .optional()
          .describe('Numbers of promises that must be completed before; the coding agent is shown their results'),
        message,
      }),
      effect: 'decides',
      activity: 'handing work to the coding agent',
      run: async ({ task, depends_on, message }, context) => {
        const refusal = codingRefusal(context);
        if (refusal !== undefined) return failure(`No coding task was made: ${refusal}. Tell the person so.`);
        const drafted = await draftPromise(
          {
            description: task,
            taskType: 'code',
            coding: true,
            ...present({
              dependsOn: depends_on?.map(promiseId),
              messageId: message === undefined ? undefined : askedMessage(message, context),
            }),
          },
          context,
        );
        if (!drafted.ok) return failure(`No coding task was made: ${drafted.error.message}`);
        const { id, dependsOn } = drafted.value.promise;
        const { promise } = drafted.value;
        const approval = promise.status === 'waiting' ? promise.approvalId : undefined;
        const asked =
          approval === undefined
            ? ''
            : ` It needs the approval of a person: approval #${approval} is asked with this reply. Tell them that number, too.`;
        const waits = dependsOn.length === 0 ? '' : ` It starts once ${dependsOn.map((parent) => `#${parent}`).join(', ')} completed.`;
        return `Promise #${id} is made with this reply: the coding agent does it: ${lineExcerpt(task, 1000)}.${waits}${asked} Its result comes to this chat by itself; tell the person its number.`;
      },
    }),
  ].map(overStorage);
