import { createReadStream, type ReadStream } from 'node:fs';
import { asPortError } from './errors.ts';

/** What is used of the SDK. */
export interface TranscriptionClient {
  readonly audio: {
    readonly transcriptions: {
      create(
        body: { readonly file: ReadStream; readonly model: string },
        options: { readonly signal: AbortSignal },
      ): PromiseLike<{ readonly text: string }>;
    };
  };
}

/** A voice message of some minutes takes seconds; past this the message goes on without its words. */
const TIMEOUT_MS = 60_000;
const MODEL = 'gpt-4o-mini-transcribe';

/** What is said in an audio file (absolute path). Rejects with PortError, as the models of this folder do. */
export const makeOpenAiTranscriber =
  ({ client, timeoutMs = TIMEOUT_MS }: { readonly client: TranscriptionClient; readonly timeoutMs?: number }) =>
  async (file: string): Promise<string> => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { text } = await client.audio.transcriptions.create({ file: createReadStream(file), model: MODEL }, { signal });
      return text.trim();
    } catch (error) {
      throw asPortError(error, 'OpenAI transcription', signal);
    }
  };
