import type { ChatClient } from './chat-client.ts';
import { runInteractiveChat } from './interactive-chat.ts';
import { type ChatOutcome, runPipedChat } from './piped-chat.ts';
import type { TerminalInput, TerminalOutput } from './screen.ts';

export interface TerminalChatOptions {
  readonly client: ChatClient;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly color: boolean;
  /** Ends the conversation. */
  readonly signal: AbortSignal;
  /** Shown to a person before the conversation. */
  readonly header?: string;
  /**
   * Without a terminal: how long to wait without any event, after the input has ended, before giving up. In ms.
   * Default: 10 minutes.
   */
  readonly idleExitMs?: number;
  /** Without a terminal: the stream for errors. Default: standard error. */
  readonly errors?: NodeJS.WritableStream;
}

/**
 * Runs `kept chat`: a conversation with the person at the terminal, or with a program if input or output is not a
 * terminal.
 */
export const runTerminalChat = async (options: TerminalChatOptions): Promise<ChatOutcome> => {
  if (!options.input.isTTY || !options.output.isTTY)
    return runPipedChat({ ...options, idleExitMs: options.idleExitMs ?? 600_000, errors: options.errors ?? process.stderr });
  await runInteractiveChat(options);
  return { complete: true };
};
