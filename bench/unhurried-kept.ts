/**
 * Kept as `kept start` composes it, but for the pace at which Telegram wants to be sent to: so it is seen what Kept
 * itself can do.
 */

import { makePinoLogger } from '../src/adapters/pino/index.ts';
import { makeRedactor } from '../src/adapters/redaction/index.ts';
import { loadProcessConfig } from '../src/config/index.ts';
import { bind } from '../src/main/bind.ts';
import { bindBot, bindBotScope, startBot } from '../src/main/bot.ts';
import { makeAppContext } from '../src/main/container.ts';
import { lockName, logPath } from '../src/main/data-dir.ts';
import { openDataDir } from '../src/main/open-data-dir.ts';
import { TOKENS } from '../src/main/tokens.ts';
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
const bindUnhurried: typeof bindBotScope = (scope) => {
  bindBotScope(scope);
  scope.container.unbind(TOKENS.gateways);
  bind(scope.container, TOKENS.gateways, { telegram: TOKENS.telegram }, ({ telegram }) =>
    telegram ? [{ ...telegram, limits: { draftIntervalMs: telegram.limits.draftIntervalMs } }] : [],
  );
};
await startBot(root, { http: false, onTakeOver: () => undefined, bind: bindUnhurried });
await startWorker(root);
process.on('SIGTERM', async () => {
  await root.lifecycle.stop();
  process.exit();
});
process.send?.('ready');
