import { reasonOf, type TranscriptMessage } from '../../ports/index.ts';
import type { ChatClient, ClientEvent } from './chat-client.ts';
import { type ChatCommand, commandPromises, HELP, parseCommand } from './chat-commands.ts';
import { makeComposer } from './composer.ts';
import { type Conversation, makeConversation } from './conversation.ts';
import { makeMessageSender } from './message-sender.ts';
import { makePaint, messageBlock, type Paint, sentence } from './message-text.ts';
import { makeScreen, type Screen, type TerminalInput, type TerminalOutput } from './screen.ts';
import { stripControl } from './strip-control.ts';
import { wrap } from './text-width.ts';

const HISTORY = 8;
const MAX_DRAFT_LINES = 10;

interface InteractiveChatOptions {
  readonly client: ChatClient;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly color: boolean;
  readonly signal: AbortSignal;
  readonly header?: string;
}

/** A conversation with a person. Resolves when they leave, or `signal` aborts. */
export const runInteractiveChat = (options: InteractiveChatOptions): Promise<void> => {
  const { client, signal } = options;
  const paint = makePaint(options.color);
  const composer = makeComposer();
  const conversation = makeConversation();
  const left = Promise.withResolvers<void>();
  let hasLeft = false;
  let unsubscribe = (): void => undefined;

  const redraw = (): void => {
    screen.setPrompt(paint('green', composer.isComposing() ? '… ' : '› '));
    const height = Math.max(1, Math.min(MAX_DRAFT_LINES, screen.height() - 6));
    screen.setStatus(conversation.statusLines(screen.width(), height), (line) => paint('dim', line));
  };
  const screen = makeScreen(options.input, options.output, {
    onLine: (line, pasted) => {
      const wasComposing = composer.isComposing();
      const text = composer.add(line, pasted);
      redraw();
      if (text === undefined || text.trim() === '') return;
      const command = wasComposing ? undefined : parseCommand(text);
      if (command) void obey(command);
      else sender.post(text);
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
      const open = conversation.openPromises();
      if (open.length > 0) note(`Still promised: #${open.join(', #')}. The results will be in this chat.`);
      left.resolve();
    },
  });
  const note = makeNote(screen, paint);
  const sender = makeMessageSender({
    client,
    onSent: (id) => {
      conversation.sent(id);
      redraw();
    },
    onFailed: (words) => note(words, 'yellow'),
  });
  const show = (message: TranscriptMessage): void => {
    const { isOwn, about } = conversation.add(message);
    redraw();
    if (!isOwn) screen.print(messageBlock(message, paint, screen.width(), about));
  };
  const showPromises = async (): Promise<void> => {
    try {
      conversation.allPromises(await client.promises());
      redraw();
    } catch (error) {
      note(`Promises can’t be shown: ${reasonOf(error)}`, 'yellow');
    }
  };
  const onEvent = makeEventHandler({ conversation, note, show, showPromises, redraw, settled: sender.settled });
  const obey = async (command: ChatCommand): Promise<void> => {
    if (command.name === 'quit' || command.name === 'exit') return screen.close();
    if (command.name === 'help') return note(HELP);
    if (command.name === 'resend') return sender.resend() ? undefined : note('There is nothing to send again.');
    try {
      await sender.settled();
      screen.print(await commandPromises(client, command, { width: screen.width() - 1, color: options.color }));
    } catch (error) {
      note(`Not done: ${reasonOf(error)}`, 'yellow');
    }
  };
  const begin = async (): Promise<void> => {
    if (options.header !== undefined) note(`${options.header}\n`);
    redraw();
    let place: number | undefined;
    try {
      const history = await client.latest(HISTORY);
      for (const message of history) show(message);
      place = history.at(-1)?.sequence ?? 0;
    } catch (error) {
      note(`The conversation so far can’t be shown: ${reasonOf(error)}`, 'yellow');
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

type Note = (text: string, style?: Parameters<Paint>[0]) => void;

/** Words of the terminal's own, as plain text in the conversation. */
const makeNote =
  (screen: Screen, paint: Paint): Note =>
  (text, style = 'dim') => {
    const lines = text.split('\n').flatMap((line) => wrap(stripControl(line), screen.width() - 1));
    screen.print(lines.map((line) => paint(style, line)).join('\n'));
  };

/** Shows what comes from the server, messages one after the other. */
const makeEventHandler = ({
  conversation,
  note,
  show,
  showPromises,
  redraw,
  settled,
}: {
  readonly conversation: Conversation;
  readonly note: Note;
  readonly show: (message: TranscriptMessage) => void;
  readonly showPromises: () => Promise<void>;
  readonly redraw: () => void;
  /** Whether a message is the person's own is known once it has been sent. */
  readonly settled: () => Promise<void>;
}): ((event: ClientEvent) => void) => {
  let showing: Promise<unknown> = Promise.resolve();
  let isUp = true;

  const showConnection = ({ up, reason }: Extract<ClientEvent, { type: 'connection' }>): void => {
    if (!up) {
      conversation.draft('');
      note(`Connection lost: ${sentence(reason ?? 'no reason given')} Trying again…`, 'yellow');
    } else if (!isUp) {
      note('Connected again.', 'green');
      void showPromises();
    }
    isUp = up;
  };
  return (event) => {
    switch (event.type) {
      case 'message':
        showing = Promise.all([settled(), showing]).then(() => show(event.message));
        break;
      case 'draft':
        conversation.draft(event.text);
        break;
      case 'promise':
        conversation.promise(event.promise);
        break;
      case 'connection':
        showConnection(event);
    }
    redraw();
  };
};
