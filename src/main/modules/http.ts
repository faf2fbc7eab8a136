import { readFileSync } from 'node:fs';
import type { Container } from 'inversify';
import { makeHttpServer } from '../../adapters/http/index.ts';
import { makeReadLogTail } from '../../adapters/pino/index.ts';
import { apiViews } from '../../adapters/views/index.ts';
import { type Commands, makeDesk, makeHttpApi, makeListProcesses, makeRecordLogin } from '../../application/index.ts';
import { type AccessPolicy, MAX_PAIRED } from '../../domain/index.ts';
import type { Desk } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { logPath } from '../data-dir.ts';
import { pingSelf } from '../self-ping.ts';
import { TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/** The HTTP API and the page. */
export const bindHttp = (container: Container, sharesPort = false): void => {
  bind(container, T.leaderStatus, {}, () => ({}));
  bind(
    container,
    T.httpApi,
    {
      localChat: T.localChat,
      storage: T.storage,
      changes: T.changes,
      clock: T.clock,
      events: T.events,
      commands: T.commands,
      queries: T.queries,
      approvals: T.approvals,
      alerts: T.alerts,
      leaderStatus: T.leaderStatus,
      model: T.model,
      board: T.healthBoard,
      config: T.config,
      redact: T.redact,
      policy: T.policy,
    },
    ({ localChat, storage, leaderStatus, model, config, redact, policy, ...parts }) =>
      makeHttpApi({
        ...parts,
        listProcesses: makeListProcesses({
          processes: storage.stores.processes,
          clock: parts.clock,
          rule: config.alertRules['process.restarts'],
        }),
        readLog: makeReadLogTail({ path: logPath(config.dataDir), redact }),
        desk: {
          ...makeDesk({ stores: storage.stores, policy, getSteps: parts.queries.getSteps }),
          ...peopleOf(policy, parts.commands),
        },
        localChats: localChat,
        pingSelf: async () => leaderStatus.botScope && pingSelf(leaderStatus.botScope),
        facts: { version: VERSION, pid: process.pid, model: model.name, storage: storage.name },
      }),
  );
  bind(
    container,
    T.httpServer,
    { config: T.config, api: T.httpApi, events: T.events, storage: T.storage, clock: T.clock, metrics: T.metrics },
    ({
      config: {
        http: { tls, ...settings },
      },
      api,
      events,
      storage: { stores, state },
      clock,
      metrics,
    }) =>
      makeHttpServer({
        ...settings,
        isShared: sharesPort,
        ...(tls ? { tls: { key: readFileSync(tls.keyFile), cert: readFileSync(tls.certFile) } } : {}),
        events,
        signIns: state('http'),
        onToken: makeRecordLogin({ audit: stores.audit, clock, events }),
        api,
        metrics,
        views: apiViews,
        idempotency: { keys: stores.requestKeys, clock },
      }),
  );
};

/** Who may do what, and who asks to be let in. */
const peopleOf = (
  policy: AccessPolicy,
  { listPairings, approvePairing, revokePairing }: Commands,
): Pick<Desk, 'listPeople' | 'tellAccess' | 'listPairings' | 'approvePairing' | 'revokePairing'> => ({
  listPeople: async () => {
    const { listPeople } = await import('../commands/access-report.ts');
    return listPeople(policy, await listPairings({ statuses: ['paired'], limit: MAX_PAIRED }));
  },
  tellAccess: async (subject) => (await import('../commands/access-report.ts')).tellAccess(policy)(subject),
  listPairings,
  approvePairing,
  revokePairing,
});
