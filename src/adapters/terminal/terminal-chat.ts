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
   * Without a terminal: how long nothing may happen, after the input has ended, before what is missing is given up. In
   * ms; 10 minutes unless told.
   */
  readonly idleExitMs?: number;
  /** Without a terminal: where troubles are told. Standard error unless told. */
  readonly errors?: NodeJS.WritableStream;
}

/**
 * What `kept chat` runs: a conversation with the person at the terminal, or, where input or output is none, with a
 * program.
 */
export const runTerminalChat = async (options: TerminalChatOptions): Promise<ChatOutcome> => {
  if (!options.input.isTTY || !options.output.isTTY)
    return runPipedChat({ ...options, idleExitMs: options.idleExitMs ?? 600_000, errors: options.errors ?? process.stderr });
  await runInteractiveChat(options);
  return { complete: true };
};
