import { type LeaderSession, makeLeaderElector, prepareClaims } from '../application/index.ts';
import { makeCertificateWatch, readTlsFiles } from './certificate.ts';
import { type AppContext, makeScope } from './container.ts';
import { bindAgents } from './modules/agents.ts';
import { bindAlertWatch } from './modules/alerts.ts';
import { bindBackups } from './modules/backups.ts';
import { bindConversation } from './modules/bot.ts';
import { bindLocalChat } from './modules/gateways.ts';
import { bindHealth } from './modules/health.ts';
import { bindHttp } from './modules/http.ts';
import { bindWebhooks } from './modules/webhooks.ts';
import { TOKENS } from './tokens.ts';

/** What a process needs of the bot both while it answers and while it stands by. */
export const bindBot = ({ container }: AppContext, { sharesPort = false }: { readonly sharesPort?: boolean } = {}): void => {
  bindAgents(container);
  bindLocalChat(container);
  bindHealth(container, { answers: true });
  bindHttp(container, sharesPort);
};

/** The bot itself: everything that talks to people. It is made again each time this process begins to answer. */
export const bindBotScope = ({ container }: AppContext): void => {
  bindConversation(container);
  bindAlertWatch(container);
  bindBackups(container);
  bindWebhooks(container);
};

export interface StartedBot {
  /** URL of the page and the API. Absent if they were left out. */
  readonly url?: string;
  /** The scope of the bot that answers here. Absent while this process stands by for `leader`. */
  readonly botScope?: AppContext;
  readonly leader?: string;
}

/** How long turns may continue after the process is asked to end. */
export const TURN_GRACE_MS = 10_000;

/**
 * Starts to answer, beginning with what waits from before. If several bots share a database, this process answers only
 * while it leads them. `onTakeOver` is called for each later time that it begins to lead.
 */
export const startBot = async (
  root: AppContext,
  options: { readonly http: boolean; readonly onTakeOver: (term: AppContext) => void; readonly bind?: typeof bindBotScope },
): Promise<StartedBot> => {
  const { get, lifecycle } = root;
  const [engine, standing, clock, events] = await Promise.all([
    get(TOKENS.engine),
    get(TOKENS.leaderStatus),
    get(TOKENS.clock),
    get(TOKENS.events),
  ]);
  let started = false;
  const begin = async (signal?: AbortSignal): Promise<LeaderSession> => {
    const { term, answering, end } = await openBotScope(root, options.bind ?? bindBotScope, signal);
    standing.botScope = term;
    standing.answering = answering;
    if (started) options.onTakeOver(term);
    return {
      end: (graceMs) => {
        delete standing.botScope;
        return end(graceMs);
      },
    };
  };
  let standsByFor: string | undefined;
  if (engine.leaderLease) {
    const holder = await get(TOKENS.processId);
    const candidate = makeLeaderElector({ lease: engine.leaderLease, holder, begin, clock, events });
    lifecycle.onStop('bot', () => candidate.stop(TURN_GRACE_MS));
    standing.leader = candidate.leader;
    const lead = await candidate.start();
    if (lead.holder !== holder) {
      standsByFor = lead.holder;
      prepareClaims();
    }
  } else {
    const term = await begin();
    lifecycle.onStop('bot', () => term.end(TURN_GRACE_MS));
  }
  const served = options.http ? await serve(root) : {};
  started = true;
  const { botScope: term } = standing;
  return { ...served, ...(term ? { botScope: term } : standsByFor === undefined ? {} : { leader: standsByFor }) };
};

const serve = async ({ get, lifecycle }: AppContext): Promise<{ readonly url: string }> => {
  const [server, config, clock, events] = await Promise.all([
    get(TOKENS.httpServer),
    get(TOKENS.config),
    get(TOKENS.clock),
    get(TOKENS.events),
  ]);
  if (config.http.tls) {
    const { tls: files } = config.http;
    const watch = makeCertificateWatch({ files, first: await readTlsFiles(files), use: server.useTls, clock, events });
    lifecycle.onStop('certificate', () => watch.stop());
    watch.start();
  }
  lifecycle.onStop('http', () => server.close());
  return server.listen();
};

const openBotScope = async (root: AppContext, bind: typeof bindBotScope, signal?: AbortSignal) => {
  const term = makeScope(root, await root.get(TOKENS.events));
  bind(term);
  let grace = 0;
  let answering = (): number => 0;
  try {
    const watch = await term.get(TOKENS.alertWatch);
    const bot = await term.get(TOKENS.bot);
    answering = () => bot.answering();
    // The bot stops first: where the store does not answer, it has left its gateways before another one comes.
    term.lifecycle.onStop('alerts', () => watch.stop());
    term.lifecycle.onStop('bot', () => bot.stop(grace, root.lifecycle.hurried));
    const webhooks = await term.get(TOKENS.webhookDeliverer);
    term.lifecycle.onStop('webhooks', () => webhooks.stop());
    // Facts are stored before anything new happens.
    await webhooks.start();
    await bot.start(signal);
    watch.start();
    const backups = await term.get(TOKENS.backupSchedule);
    if (backups) {
      term.lifecycle.onStop('backups', () => backups.stop());
      backups.start();
    }
  } catch (error) {
    await term.lifecycle.stop();
    throw error;
  }
  return {
    term,
    answering,
    end: (graceMs: number): Promise<void> => {
      grace = graceMs;
      return term.lifecycle.stop();
    },
  };
};
