import { withoutAdvice } from '../../domain/agent/advice.ts';
import { FAILURE_TOOL } from '../../domain/agent/steps-in-words.ts';
import type { TaskType } from '../../domain/promise/promise.ts';
import { listedLinks } from '../../domain/recall/link.ts';
import { tellsOfLinks } from '../../domain/recall/links-note.ts';
import * as say from './answers.ts';
import { notionAnswer } from './notion-answer.ts';
import * as refuse from './refusals.ts';
import type { Request } from './request.ts';
import { sampleText } from './sample-text.ts';
import type { OpenRequest, ToolResult } from './turn.ts';

/** What to do next about a request: call a tool, or answer; `lacks` where the answer says that it was not done. */
export type Move =
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly answer: string; readonly lacks?: true };

/** What a model may do here, and what Kept's notes tell it. */
export interface Stage {
  readonly offered: ReadonlySet<string>;
  readonly notes: string;
}

/** Nothing is promised, changed or claimed in a promise's own run. */
const NO_TASK: ReadonlySet<Request['kind']> = new Set<Request['kind']>([
  ...(['background', 'later', 'schedule', 'cancel-promise', 'cancel-schedule', 'claim'] as const),
]);

/** Pure: the same request with the same results always gives the same move. */
export const nextMove = (open: OpenRequest, stage: Stage): Move => {
  const { request, text, results } = open;
  const { offered } = stage;
  if (offered.has(FAILURE_TOOL) && NO_TASK.has(request.kind)) return { answer: say.notATask(text), lacks: true };
  switch (request.kind) {
    case 'unknown':
      if (tellsOfLinks(stage.notes) && listedLinks(text).links.length > 0) return { answer: say.linksSaved(listedLinks(text).left) };
      // Who has no more than this tool is asked about nothing else.
      if (offered.has('query_notion') && !offered.has('list_promises'))
        return toolNext(open, { kind: 'ask-notion', question: text }, offered);
      return { answer: say.notUnderstood(text), lacks: true };
    case 'refused':
      return { answer: request.answer, lacks: true };
    case 'help':
      return { answer: say.help() };
    case 'small-talk':
      return { answer: say.smallTalk(request.topic, stage.notes) };
    case 'write':
      return { answer: sampleText(request.characters) };
    case 'count-to':
      return { answer: say.countedTo(request.to) };
    case 'remind':
      return { answer: offered.has(FAILURE_TOOL) ? say.reminder(request.what) : refuse.remind(request.what) };
    case 'claim':
      return claimNext(open, offered, request.again);
    case 'background':
      return promiseNext(request.tasks, results, offered);
    case 'later':
      return promiseNext(request.tasks, results, offered, request.at);
    default:
      return toolNext(open, request, offered);
  }
};

const toolNext = ({ text, results }: OpenRequest, request: OneCall, offered: ReadonlySet<string>): Move => {
  const call = callFor(request);
  const [result] = results;
  if (!result) return offered.has(call.tool) ? call : { answer: say.noSuchTool(text, call.tool), lacks: true };
  return result.isError ? { answer: say.toolFailed(text, call.tool, result.output), lacks: true } : { answer: answerFor(request, result) };
};

type OneCall = Exclude<
  Request,
  { kind: 'unknown' | 'refused' | 'help' | 'small-talk' | 'write' | 'count-to' | 'remind' | 'claim' | 'background' | 'later' }
>;

const callFor = (request: OneCall): Extract<Move, { tool: string }> => {
  const within = 'path' in request && request.path !== undefined ? { path: request.path } : {};
  switch (request.kind) {
    case 'count':
      return { tool: 'search_files', input: { pattern: commentPattern(request.marker), ...within } };
    case 'search':
      return {
        tool: 'search_files',
        input: { pattern: request.isPattern ? request.term : literally(request.term), ignore_case: true, ...within },
      };
    case 'list-files':
      return { tool: 'list_files', input: within };
    case 'read-file':
      return { tool: 'read_file', input: within };
    case 'list-promises':
      return { tool: 'list_promises', input: request.status === undefined ? {} : { status: request.status } };
    case 'find-promise':
      return { tool: 'list_promises', input: {} };
    case 'cancel-promise':
      return { tool: 'cancel_promise', input: { id: request.id } };
    case 'schedule':
      return { tool: 'schedule_promise', input: { description: request.task, cron: request.cron, task_type: taskTypeOf(request.task) } };
    case 'list-schedules':
      return { tool: 'list_schedules', input: {} };
    case 'cancel-schedule':
      return { tool: 'cancel_schedule', input: { id: request.id } };
    case 'use-tool':
      return { tool: request.tool, input: request.input };
    case 'ask-notion':
      return { tool: 'query_notion', input: {} };
  }
};

const answerFor = (request: OneCall, { output }: ToolResult): string => {
  switch (request.kind) {
    case 'count':
      return say.counted(request.marker, output);
    case 'search':
      return say.found(request.term, output);
    case 'list-files':
      return say.shown(request.path === undefined ? 'Files' : `Files in ${request.path}`, output);
    case 'read-file':
      return say.shown(request.path, output);
    case 'list-promises':
      return say.listed(output);
    case 'find-promise':
      return say.foundPromise(request.id, output);
    case 'list-schedules':
      return say.schedules(output);
    case 'schedule':
      return say.scheduled(output);
    case 'use-tool':
      return say.shown(request.tool, withoutAdvice(output));
    case 'ask-notion':
      return notionAnswer(request.question, output);
    case 'cancel-schedule':
    case 'cancel-promise':
      return output;
  }
};

/** One promise after the other, each depending on the one before: its number must be known first. */
const promiseNext = (tasks: readonly string[], results: readonly ToolResult[], offered: ReadonlySet<string>, at?: string): Move => {
  const task = tasks[results.length];
  const last = results.at(-1);
  if (task === undefined || last?.isError) return { answer: say.promised(tasks, results) };
  const parent = last && say.promiseNumber(last.output);
  if (last && parent === undefined) return { answer: say.promised(tasks, results) };
  if (!offered.has('make_promise'))
    return { answer: [...(last ? [say.promised(tasks, results)] : []), say.noSuchTool(task, 'make_promise')].join(' ') };
  const start = at === undefined ? {} : { at };
  const order = parent === undefined ? start : { depends_on: [parent] };
  return { tool: 'make_promise', input: { description: task, task_type: taskTypeOf(task), ...order } };
};

/** Claims what is not promised; sent back, it makes that true where it can. */
const claimNext = ({ results, sentBack }: OpenRequest, offered: ReadonlySet<string>, again: boolean): Move => {
  if (!sentBack || again) return { answer: say.FALSE_CLAIM };
  return offered.has('make_promise') ? promiseNext([say.CLAIMED_TASK], results, offered) : { answer: say.NOTHING_TO_COME };
};

const TYPE_WORDS: readonly (readonly [TaskType, RegExp])[] = [
  ['search', /^(?:search|find|count|list|look|grep|read|show)$/],
  ['code', /^(?:fix|implement|refactor|write|add|build|test|debug|rename|code)$/],
  ['analysis', /^(?:analyse|analyze|compare|summarise|summarize|review|explain)$/],
];

/** By the first word that tells; `analysis` where none does. */
export const taskTypeOf = (task: string): TaskType => {
  for (const word of task.toLowerCase().split(/[^a-z]+/)) {
    const type = TYPE_WORDS.find(([, words]) => words.test(word))?.[0];
    if (type) return type;
  }
  return 'analysis';
};

/** The marker, as a word in capitals, behind what begins a comment or continues one. */
const commentPattern = (marker: string): string => String.raw`(?:(?:^|[^:])//|#|/\*|^\s*\*|<!--|(?:^|\s)--|^\s*;).*\b${marker}\b`;

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
