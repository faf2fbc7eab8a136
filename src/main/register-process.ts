import { makeProcessRegistration, type ProcessRegistration } from '../application/index.ts';
import { MAX_LISTED_PROMISES, type ProcessWork } from '../domain/index.ts';
import { present } from '../domain/shared/present.ts';
import { type Role, runsPromises } from './data-dir.ts';
import { placeOf } from './seen-processes.ts';
import { type AppContext, type LeaderStatus, TOKENS } from './tokens.ts';
import { VERSION } from './version.ts';

/** Keeps this process in the register until it stops. */
export const registerProcess = async (root: AppContext, role: Role): Promise<Pick<ProcessRegistration, 'unansweredMs'>> => {
  const { get, lifecycle } = root;
  const [{ unitOfWork }, id, clock, events, redact, config] = await Promise.all([
    get(TOKENS.storage),
    get(TOKENS.processId),
    get(TOKENS.clock),
    get(TOKENS.events),
    get(TOKENS.redact),
    get(TOKENS.config),
  ]);
  const identity = {
    id,
    role,
    ...placeOf(config, redact),
    pid: process.pid,
    version: VERSION,
    startedAt: clock.now(),
  };
  const workNow = (phase: ProcessWork['phase']) => workOf(root, role, id, phase);
  const registration = makeProcessRegistration({ unitOfWork, identity, workNow, clock, events });
  const off = events.on(registration.listen);
  lifecycle.onStop('register of processes', async () => {
    off();
    await registration.stop();
  });
  root.container.bind(TOKENS.writeFault).toConstantValue(registration.fault);
  await registration.start();
  return registration;
};

/** What this process is at. While it starts, or where that failed, parts are not made, and nothing here makes them. */
const workOf = async (
  { container, get }: AppContext,
  role: Role,
  id: string,
  phase: ProcessWork['phase'],
): Promise<Omit<ProcessWork, 'phase'>> => {
  const status = role === 'worker' ? undefined : await get(TOKENS.leaderStatus);
  const isUp = phase === 'running' || phase === 'stopping';
  const bot = isUp && status?.botScope ? await status.botScope.get(TOKENS.bot) : undefined;
  const running = isUp && runsPromises(role) ? (await get(TOKENS.worker)).running() : [];
  return {
    promises: running.slice(0, MAX_LISTED_PROMISES),
    promiseCount: running.length,
    answering: bot?.answering() ?? 0,
    ...(status ? standingOf(status, id) : {}),
    ...(container.isBound(TOKENS.metricsListener) ? { metrics: { ...(await get(TOKENS.metricsListener)) } } : {}),
  };
};

/** A bot whose lease is lost ends its session meanwhile: it does not lead. */
const standingOf = ({ botScope, leader }: LeaderStatus, id: string): Pick<ProcessWork, 'standing' | 'leader'> => {
  if (!leader) return botScope ? { standing: 'leads' } : {};
  const name = leader();
  if (name === id) return botScope ? { standing: 'leads' } : {};
  return { standing: 'stands-by', ...present({ leader: name }) };
};
