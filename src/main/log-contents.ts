import { makeLogContent } from '../application/index.ts';
import { type AppContext, TOKENS } from './tokens.ts';

/** Puts what models and tools get and answer into the log, where the configuration asks for it. */
export const logContentIfAsked = async ({ get }: AppContext): Promise<void> => {
  const [{ loggedContent: logs }, logger, redact, content] = await Promise.all([
    get(TOKENS.config),
    get(TOKENS.logger),
    get(TOKENS.redact),
    get(TOKENS.content),
  ]);
  const listener = makeLogContent({ logger, redact, logs });
  if (listener) content.on(listener);
};
