import { makeAgentCatalog } from '../../../src/application/agents/agent-catalog.ts';
import { makeRunAgent } from '../../../src/application/index.ts';
import { makeAgentExecutor } from '../../../src/application/worker/agent-executor.ts';
import { makeBegunTurn } from '../../../src/application/worker/begun-turn.ts';
import { NO_USAGE, promiseId, type Usage } from '../../../src/domain/index.ts';
import { type LanguageModel, type ModelRequest, PortError, type PortErrorCode, type Tool } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildPolicy,
  makeFixedClock,
  makeRecordingLogger,
  type ScriptedModel,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { makeProcess, makeWorld, type ProcessOptions, redact, TURN } from './harness.ts';

export const chat = telegramChat(501);
export const running = new AbortController().signal;
export const HOUR_MS = 3_600_000;
export const tokens = (count: number): Usage => ({ ...NO_USAGE, inputTokens: count });
export const failure = (code: PortErrorCode, options: { retryable?: boolean; retryAfterMs?: number; usage?: Usage } = {}): PortError =>
  new PortError(code, `it was ${code}`, { retryable: false, ...options });
export const look: Tool = {
  name: 'read_file',
  description: '',
  inputSchema: { type: 'object' },
  effect: 'reads',
  activity: 'looking',
  timeoutMs: 30_000,
  run: async () => ({ output: 'forty-two', isError: false }),
};
export const looking = { toolCalls: [{ id: 'c1', tool: 'read_file', input: {} }] };

/** A chat whose people ask one thing after the other, and the worker that keeps its promises, with one model. */
export const stage = (model: LanguageModel, options: ProcessOptions = {}) => {
  const world = makeWorld();
  const { stores } = world.storage;
  const logger = makeRecordingLogger();
  const runAgent = makeRunAgent({ ...modelAndTools(model, [look]), events: logged(logger), clock: makeFixedClock(), redact });
  const executor = makeAgentExecutor({
    promises: stores.promises,
    runAgent,
    agents: makeAgentCatalog(),
    policy: buildPolicy(),
    clock: world.clock,
    events: logged(logger),
    begunTurn: makeBegunTurn({ stores, policy: buildPolicy(), settings: TURN }),
  });
  const process = makeProcess(world, { model, executor, tools: [look], ...options });
  let said = 0;
  const receive = async (text: string): Promise<number> => {
    await process.receive(buildMessage({ messageId: telegramMessage(++said), text, sentAt: world.clock.now() }));
    return said;
  };
  const replyTo = async (id: number): Promise<string> => (await stores.outbox.answering(chat, telegramMessage(id)))[0]?.text ?? '';
  const say = async (text: string): Promise<string> => {
    const id = await receive(text);
    await process.answerChat(chat, running);
    world.clock.advance(1_000);
    return await replyTo(id);
  };
  const promise = () => stores.promises.get(promiseId(1));
  const kept = async () =>
    (await stores.conversations.recent(chat, 50)).map(({ step }) => (step.role === 'tool' ? step.output : step.text));
  return { world, process, stores, say, receive, replyTo, promise, kept, used: () => stores.turns.usage(chat, 0) };
};
export const textsOf = ({ conversation }: ModelRequest): string[] =>
  conversation.flatMap((step) => (step.role === 'tool' ? [step.output] : step.role === 'person' && step.note ? [] : [step.text]));
export const asked = ({ requests }: ScriptedModel): string[][] => requests.map(textsOf);
