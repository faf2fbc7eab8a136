import { createInterface } from 'node:readline';
import type { MessageId } from '../../domain/index.ts';
import { reasonOf, type TranscriptMessage } from '../../ports/index.ts';
import type { ChatClient, ClientEvent, PromiseLine } from './chat-client.ts';
import { type ChatCommand, commandPromises, HELP, parseCommand } from './chat-commands.ts';
import { makeComposer } from './composer.ts';
import { isOpen, sentence, shortName } from './message-text.ts';
import { stripControl } from './strip-control.ts';

export interface ChatOutcome {
  /** False when, without a terminal, something was not sent, not answered or not kept before it ended. */
  readonly complete: boolean;
}

const POLL_MS = 1_000;
const FATES = { failed: 'could not be kept', cancelled: 'was cancelled' } as const;

/**
 * A conversation between programs: each line of the input is sent, each message of the agent printed once, as plain
 * text. Ends when the input has ended, every message sent is answered and the promises made by those answers have come
 * back; or when nothing has happened for `idleExitMs` after the end of the input.
 */
export const runPipedChat = async (options: {
  readonly client: ChatClient;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  readonly idleExitMs: number;
}): Promise<ChatOutcome> => {
  const { client, input, output, errors, idleExitMs } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  // The reader has gone (`| head`): nobody reads what is printed.
  output.once('error', () => broken.abort());

  const sent = new Set<MessageId>();
  const unanswered = new Set<MessageId>();
  const answered = new Set<MessageId>();
  let place = (await client.latest(1)).at(-1)?.sequence ?? 0;
  let lastEventAt = performance.now();
  let isComplete = true;
  let hasHappened = false;
  const pause = makePause();
  signal.addEventListener('abort', pause.end, { once: true });

  const say = (stream: NodeJS.WritableStream, text: string): void => {
    if (!broken.signal.aborted) stream.write(`${stripControl(text).trimEnd()}\n`);
  };
  const show = (message: TranscriptMessage): void => {
    place = message.sequence;
    if (message.from !== 'agent') return;
    say(output, message.text);
    for (const id of message.answers) {
      answered.add(id);
      unanswered.delete(id);
    }
  };
  const onEvent = (event: ClientEvent): void => {
    if (event.type === 'message') show(event.message);
    if (event.type !== 'connection') lastEventAt = performance.now();
    else if (!event.up) say(errors, `Connection lost: ${sentence(event.reason ?? 'no reason given')} Trying again.`);
    hasHappened = true;
    pause.end();
  };
  const unsubscribe = client.subscribe(onEvent, place);

  const send = async (text: string): Promise<void> => {
    // What is no UTF-8 was read as this sign.
    if (/[\0\uFFFD]/.test(text)) return fail('Not sent: a line that is no text in UTF-8.');
    const posted = await client.post(text);
    if (!posted.ok) return fail(`Not sent: ${posted.error.message}`);
    const { messageId } = posted.value;
    sent.add(messageId);
    if (!answered.has(messageId)) unanswered.add(messageId);
  };
  const obey = async (command: ChatCommand): Promise<void> =>
    say(output, command.name === 'help' ? HELP : await commandPromises(client, command));

  const openPromises = async (): Promise<readonly PromiseLine[]> => {
    if (sent.size === 0) return [];
    const mine = (await client.promises()).filter(({ messageId }) => messageId !== undefined && sent.has(messageId));
    return mine.filter((promise) => isOpen(promise) || promise.deliveredAt === undefined);
  };
  /**
   * Reports replies that say that there is no answer, and promises that ended without a result. Either makes the
   * outcome incomplete.
   */
  const tellFailures = async (): Promise<void> => {
    for (const id of sent) {
      const reason = answered.has(id) ? await client.failureOf?.(id) : undefined;
      if (reason !== undefined) fail(`Message ${shortName(id)} has no answer: ${reason}`);
    }
    if (sent.size === 0) return;
    for (const { id, messageId, status } of await client.promises())
      if (messageId !== undefined && sent.has(messageId) && (status === 'failed' || status === 'cancelled'))
        fail(`Promise #${id} ${FATES[status]}.`);
  };
  const fail = (words: string): void => {
    isComplete = false;
    say(errors, words);
  };
  const waitForRest = async (): Promise<void> => {
    lastEventAt = performance.now();
    while (!signal.aborted) {
      hasHappened = false;
      const open = unanswered.size > 0 ? [] : await openPromises();
      if (unanswered.size === 0 && open.length === 0) return;
      if (performance.now() - lastEventAt > idleExitMs) {
        isComplete = false;
        const missing =
          unanswered.size > 0 ? `${unanswered.size} messages are not answered` : `promises are open: ${open.map(nameOf).join(', ')}`;
        return say(errors, `Nothing has happened for ${Math.round(idleExitMs / 1000)} s, and ${missing}. Later messages stay in the chat.`);
      }
      if (!hasHappened) await pause.start(Math.min(POLL_MS, idleExitMs));
    }
  };

  const nameOf = ({ id, approvalId }: PromiseLine): string =>
    `#${id}${approvalId === undefined ? '' : ` (waits for approval #${approvalId})`}`;

  try {
    await readMessages({ input, signal, send, obey });
    await waitForRest();
    unsubscribe();
    if (!signal.aborted) {
      for (const message of await client.list(place)) show(message);
      await tellFailures();
    }
    return { complete: isComplete && !signal.aborted };
  } catch (error) {
    say(errors, `The conversation ended: ${reasonOf(error)}`);
    return { complete: false };
  } finally {
    unsubscribe();
  }
};

/** Reads messages and commands until the input ends, or a line says to quit. */
const readMessages = async ({
  input,
  signal,
  send,
  obey,
}: {
  readonly input: NodeJS.ReadableStream;
  readonly signal: AbortSignal;
  readonly send: (text: string) => Promise<void>;
  readonly obey: (command: ChatCommand) => Promise<void>;
}): Promise<void> => {
  const composer = makeComposer();
  const take = async (text: string | undefined): Promise<'go on' | 'quit'> => {
    if (text === undefined || text.trim() === '') return 'go on';
    const command = parseCommand(text);
    if (command?.name === 'quit' || command?.name === 'exit') return 'quit';
    await (command && command.name !== 'resend' ? obey(command) : send(text));
    return 'go on';
  };
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY, signal }))
    if ((await take(composer.add(line))) === 'quit') return;
  await take(composer.takeAll());
};

/** A wait that can be ended early. */
const makePause = () => {
  let end = (): void => undefined;
  return {
    start: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        end = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    end: (): void => end(),
  };
};
