/**
 * Kept as `kept start` composes it, but for the pace at which Telegram wants to be sent to: so it is seen what Kept
 * itself can do.
 */

import { makePinoLogger } from '../src/adapters/pino/index.ts';
import { makeRedactor } from '../src/adapters/redaction/index.ts';
import { loadProcessConfig } from '../src/config/index.ts';
import { bindBot, type bindBotScope, startBot } from '../src/main/bot.ts';
import { makeAppContext } from '../src/main/container.ts';
import { lockName, logPath } from '../src/main/data-dir.ts';
import { bindTelegram } from '../src/main/modules/telegram.ts';
import { bindConversation } from '../src/main/modules/use-cases.ts';
import { openDataDir } from '../src/main/open-data-dir.ts';
import { single, TOKENS } from '../src/main/tokens.ts';
import { bindWorker, startWorker } from '../src/main/worker.ts';

const loaded = loadProcessConfig();
if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
const { dataDir, logLevel: level, secrets } = loaded.value;
openDataDir(dataDir);
const root = makeAppContext(
  loaded.value,
  makePinoLogger({ level, redact: makeRedactor(secrets), file: logPath(dataDir), terminal: 'none' }).logger,
);
bindBot(root);
bindWorker(root, lockName('start'));
const bind: typeof bindBotScope = (term) => {
  bindConversation(term.container);
  bindTelegram(term.container);
  single(term.container, TOKENS.gateways, [TOKENS.telegram], (telegram) =>
    telegram ? [{ ...telegram, limits: { draftIntervalMs: telegram.limits.draftIntervalMs } }] : [],
  );
};
await startBot(root, { http: false, onTakeOver: () => undefined, bind });
await startWorker(root);
process.on('SIGTERM', async () => {
  await root.lifecycle.stop();
  process.exit();
});
process.send?.('ready');
