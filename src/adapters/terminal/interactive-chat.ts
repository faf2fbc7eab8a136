import type { MessageId, PromiseId } from '../../domain/index.ts';
import { isPortError, reasonOf, type TranscriptMessage } from '../../ports/index.ts';
import type { ChatClient, ClientEvent, PromiseLine } from './chat-client.ts';
import { type ChatCommand, commandPromises, HELP, parseCommand } from './chat-commands.ts';
import { makeComposer } from './composer.ts';
import { draftLines, isOpen, makePaint, messageBlock, openPromisesLine, sentence, shortName } from './message-text.ts';
import { makeScreen, type TerminalInput, type TerminalOutput } from './screen.ts';
import { stripControl } from './strip-control.ts';
import { wrap } from './text-width.ts';

const HISTORY = 8;
const MAX_DRAFT_LINES = 10;

/** A conversation with a person. Resolves when they leave, or `signal` aborts. */
export const runInteractiveChat = (options: {
  readonly client: ChatClient;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly color: boolean;
  readonly signal: AbortSignal;
  readonly header?: string;
}): Promise<void> => {
  const { client, signal } = options;
  const paint = makePaint(options.color);
  const composer = makeComposer();
  const left = Promise.withResolvers<void>();
  const said = new Map<MessageId, string>();
  const own = new Set<MessageId>();
  const unanswered = new Set<MessageId>();
  const promises = new Map<PromiseId, PromiseLine>();
  let newest: MessageId | undefined;
  let draft = '';
  let isUp = true;
  let hasLeft = false;
  let unsent: string | undefined;
  let unsubscribe = (): void => undefined;
  /** Messages go out one after the other, and come in one after the other. */
  let sending = Promise.resolve();
  let showing = Promise.resolve();

  const note = (text: string, style: Parameters<typeof paint>[0] = 'dim'): void => {
    const lines = text.split('\n').flatMap((line) => wrap(stripControl(line), screen.width() - 1));
    screen.print(lines.map((line) => paint(style, line)).join('\n'));
  };
  const redraw = (): void => {
    screen.setPrompt(paint('green', composer.isComposing() ? '… ' : '› '));
    const room = Math.max(1, Math.min(MAX_DRAFT_LINES, screen.height() - 6));
    const answer = draftLines(draft, screen.width(), room);
    const thinking = unanswered.size > 0 && answer.length === 0 ? [`◌ ${[...unanswered].map(shortName).join(', ')} …`] : [];
    const open = openPromisesLine(promises.values());
    screen.setStatus([...answer, ...thinking, ...(open === undefined ? [] : [open])], (line) => paint('dim', line));
  };

  const show = (message: TranscriptMessage): void => {
    said.set(message.messageId, message.text);
    for (const id of message.answers) unanswered.delete(id);
    if (message.from === 'agent' && message.answers.length > 0) draft = '';
    // An answer to the newest message needs no reminder of what it answers.
    const about = message.replyTo === undefined || message.replyTo === newest ? undefined : said.get(message.replyTo);
    if (message.from === 'operator') newest = message.messageId;
    redraw();
    if (!own.has(message.messageId)) screen.print(messageBlock(message, paint, screen.width(), about));
  };
  const complain = (what: string, error: unknown): void => note(`${what}: ${reasonOf(error)}`, 'yellow');
  const showPromises = async (): Promise<void> => {
    try {
      const all = await client.promises();
      promises.clear();
      for (const promise of all) if (isOpen(promise)) promises.set(promise.id, promise);
      redraw();
    } catch (error) {
      complain('Promises can’t be shown', error);
    }
  };

  const onEvent = (event: ClientEvent): void => {
    switch (event.type) {
      case 'message':
        // Whether it is ours is known once it has been sent.
        showing = Promise.all([sending, showing]).then(() => show(event.message));
        break;
      case 'draft':
        draft = event.text;
        break;
      case 'promise':
        if (isOpen(event.promise)) promises.set(event.promise.id, event.promise);
        else promises.delete(event.promise.id);
        break;
      case 'connection':
        if (!event.up) {
          draft = '';
          note(`Connection lost: ${sentence(event.reason ?? 'no reason given')} Trying again…`, 'yellow');
        } else if (!isUp) {
          note('Connected again.', 'green');
          void showPromises();
        }
        isUp = event.up;
    }
    redraw();
  };

  const send = async (text: string): Promise<void> => {
    try {
      const posted = await client.post(text);
      if (posted.ok) {
        own.add(posted.value.messageId);
        unanswered.add(posted.value.messageId);
        return redraw();
      }
      unsent = text;
      note(`Not sent: ${posted.error.message}. Nothing of it is lost: /resend sends it again.`, 'yellow');
    } catch (error) {
      unsent = text;
      const doubt = isPortError(error) && !error.retryable ? ' It may have arrived all the same.' : '';
      note(`Not sent: ${reasonOf(error)}.${doubt} /resend sends it again.`, 'yellow');
    }
  };
  const post = (text: string): void => {
    sending = sending.then(() => send(text.trimEnd()));
  };
  const resend = (): void => {
    if (unsent === undefined) note('There is nothing that was not sent.');
    else post(unsent);
    unsent = undefined;
  };
  const obey = async (command: ChatCommand): Promise<void> => {
    if (command.name === 'quit' || command.name === 'exit') return screen.close();
    if (command.name === 'help') return note(HELP);
    if (command.name === 'resend') return resend();
    try {
      await sending;
      screen.print(await commandPromises(client, command, { width: screen.width() - 1, color: options.color }));
    } catch (error) {
      complain('Not done', error);
    }
  };

  const screen = makeScreen(options.input, options.output, {
    onLine: (line, pasted) => {
      const wasComposing = composer.isComposing();
      const text = composer.add(line, pasted);
      redraw();
      if (text === undefined || text.trim() === '') return;
      const command = wasComposing ? undefined : parseCommand(text);
      if (command) void obey(command);
      else post(text);
    },
    onInterrupt: (line) => {
      if (line === '' && !composer.isComposing()) return screen.close();
      composer.takeAll();
      screen.clearInput();
      redraw();
    },
    onClose: () => {
      hasLeft = true;
      unsubscribe();
      signal.removeEventListener('abort', screen.close);
      if (promises.size > 0) note(`Still promised: #${[...promises.keys()].join(', #')}. What becomes of it will be in this chat.`);
      left.resolve();
    },
  });

  const begin = async (): Promise<void> => {
    if (options.header !== undefined) note(`${options.header}\n`);
    redraw();
    let place: number | undefined;
    try {
      const history = await client.latest(HISTORY);
      for (const message of history) show(message);
      place = history.at(-1)?.sequence ?? 0;
    } catch (error) {
      complain('The conversation so far can’t be shown', error);
    }
    if (hasLeft) return;
    unsubscribe = client.subscribe(onEvent, place);
    await showPromises();
  };
  signal.addEventListener('abort', screen.close, { once: true });
  if (signal.aborted) screen.close();
  else void begin();
  return left.promise;
};
