import type { MessageId } from '../../domain/index.ts';
import { isPortError, reasonOf } from '../../ports/index.ts';
import type { ChatClient } from './chat-client.ts';

/** Sends one message after the other, and keeps the newest one that could not be sent. */
export const makeMessageSender = ({
  client,
  onSent,
  onFailed,
}: {
  readonly client: Pick<ChatClient, 'post'>;
  readonly onSent: (id: MessageId) => void;
  /** Receives the reason, in words. */
  readonly onFailed: (words: string) => void;
}) => {
  let sending = Promise.resolve();
  let unsent: string | undefined;

  const send = async (text: string): Promise<void> => {
    try {
      const posted = await client.post(text);
      if (posted.ok) return onSent(posted.value.messageId);
      unsent = text;
      onFailed(`Not sent: ${posted.error.message}. Nothing of it is lost: /resend sends it again.`);
    } catch (error) {
      unsent = text;
      const doubt = isPortError(error) && !error.retryable ? ' It may have arrived all the same.' : '';
      onFailed(`Not sent: ${reasonOf(error)}.${doubt} /resend sends it again.`);
    }
  };
  const post = (text: string): void => {
    sending = sending.then(() => send(text.trimEnd()));
  };
  return {
    post,
    /** False if there is nothing to send again. */
    resend: (): boolean => {
      const text = unsent;
      unsent = undefined;
      if (text !== undefined) post(text);
      return text !== undefined;
    },
    /** Resolves when everything that was given to `post` until now is sent, or has failed. */
    settled: (): Promise<void> => sending,
  };
};
