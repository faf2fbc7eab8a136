import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { CodingStep } from '../../../src/testing/index.ts';
import { type Handler, listenHttp } from '../../support/loopback.ts';
import { type PeerReply, streamReply } from './peer.ts';

/**
 * Steps that only a peer without a contract plays: it asks for a tool by its name; and it never answers, until it is
 * given the same instruction again. Then it goes on where it was.
 */
type PeerStep =
  | CodingStep
  | { readonly do: 'call'; readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly do: 'wait-once' };

interface Message {
  readonly role: string;
  readonly content: string | readonly { readonly type: string; readonly text?: string; readonly content?: unknown }[];
}

const blocksOf = ({ content }: Message) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content);
const stepsIn = (text: string): readonly PeerStep[] | undefined => {
  const from = text.indexOf('[{"do"');
  return from < 0 ? undefined : (JSON.parse(text.slice(from, text.lastIndexOf('}]') + 2)) as readonly PeerStep[]);
};

/**
 * A server that speaks the Messages API, and answers as a model would that does the steps which the last instruction
 * holds as JSON: it goes by the conversation alone. `workspace` is where it writes.
 */
export const openCodingPeer = async (workspace: string) => {
  const seen: { readonly headers: IncomingMessage['headers']; readonly url: string }[] = [];
  const asked: string[] = [];
  const results: string[] = [];
  const faults: Handler[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    seen.push({ headers: request.headers, url: request.url ?? '' });
    const body = (await json(request)) as { readonly model: string; readonly stream?: boolean; readonly messages: readonly Message[] };
    asked.push(JSON.stringify(body));
    const given = body.messages.flatMap((message, at) => {
      const steps =
        message.role === 'user' &&
        blocksOf(message)
          .map(({ text }) => stepsIn(text ?? ''))
          .find(Boolean);
      return steps ? [{ at, steps }] : [];
    });
    const { steps } = given.at(-1) ?? {};
    const same = given.filter((each) => JSON.stringify(each.steps) === JSON.stringify(steps));
    const goesOn = same.length > 1 && (steps ?? []).some((step) => step.do === 'wait-once');
    const at = (goesOn ? same[0] : given.at(-1))?.at ?? -1;
    const scripted = steps && faults.shift();
    if (scripted) return scripted(request, response);
    if (!steps) return reply(response, body, { content: [{ type: 'text', text: 'ok' }] });
    const outcomes = body.messages.slice(at + 1).flatMap((message) => blocksOf(message).filter(({ type }) => type === 'tool_result'));
    results.splice(0, results.length, ...outcomes.map(({ content }) => JSON.stringify(content)));
    const turn = nextTurn(goesOn ? steps.filter((step) => step.do !== 'wait-once') : steps, outcomes.length, body.messages.slice(0, at));
    if (turn === 'wait') return;
    if (turn === 'fail') return refuse(response);
    return reply(response, body, turn);
  };

  /** What comes after that many calls of tools. */
  const nextTurn = (steps: readonly PeerStep[], done: number, before: readonly Message[]): PeerReply | 'wait' | 'fail' => {
    const said: string[] = [];
    let calls = 0;
    for (const step of steps) {
      const isNow = calls === done;
      if (step.do === 'write' || step.do === 'call') {
        if (isNow) return { content: [...textBlocks(said), callOf(step, done)] };
        calls++;
      } else if (isNow) {
        if (step.do === 'wait' || step.do === 'wait-once') return 'wait';
        if (step.do === 'fail') return step.do;
        said.push(
          step.do === 'say'
            ? step.text
            : before
                .flatMap(blocksOf)
                .map(({ text }) => text ?? '')
                .join('\n'),
        );
      }
    }
    return { content: textBlocks(said.length > 0 ? said : ['Done.']) };
  };

  const callOf = (step: Extract<PeerStep, { do: 'write' | 'call' }>, at: number) => ({
    type: 'tool_use' as const,
    id: `toolu_${Date.now()}_${at}`,
    ...(step.do === 'write'
      ? { name: 'Write', input: { file_path: `${workspace}/${step.path}`, content: step.text } }
      : { name: step.tool, input: step.input }),
  });

  const { url, close } = await listenHttp(answer);
  return {
    url,
    /** What was asked, in order. */
    seen: seen as readonly { readonly headers: IncomingMessage['headers']; readonly url: string }[],
    /** The whole of each request, as text. */
    asked: asked as readonly string[],
    /** What the tools of the last run answered. */
    results: results as readonly string[],
    /** The next request for a step is answered so. */
    failNext: (fault: Handler): void => void faults.push(fault),
    close,
  };
};

const textBlocks = (texts: readonly string[]) => texts.map((text) => ({ type: 'text' as const, text }));

const refuse = (response: ServerResponse): void => {
  response
    .writeHead(401, { 'content-type': 'application/json' })
    .end(JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }));
};

const reply = async (
  response: ServerResponse,
  { model, stream }: { readonly model: string; readonly stream?: boolean },
  turn: PeerReply,
) => {
  if (stream) return streamReply(response, turn, model);
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, ...turn, stop_reason: 'end_turn', stop_sequence: null };
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ ...message, usage: { input_tokens: 10, output_tokens: 5 } }));
};
