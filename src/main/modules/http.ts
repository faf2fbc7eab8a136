import { readFileSync } from 'node:fs';
import type { Container } from 'inversify';
import { makeHttpServer } from '../../adapters/http/index.ts';
import { makeDiskProbe, makeLogProbe } from '../../adapters/probes/index.ts';
import { approvalView, auditRowView, messageView, promiseView, scheduleView, statsView, usageView } from '../../adapters/views/index.ts';
import { makeHttpApi, makeRecordLogin, makeRunProbes } from '../../application/index.ts';
import { bind } from '../bind.ts';
import { logPath } from '../data-dir.ts';
import { checkLeaderStatus } from '../leader-status.ts';
import { pingSelf } from '../self-ping.ts';
import { TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/** The HTTP API and the page. */
export const bindHttp = (container: Container): void => {
  bind(container, T.leaderStatus, {}, () => ({}));
  bind(
    container,
    T.httpApi,
    {
      config: T.config,
      localChat: T.localChat,
      storage: T.storage,
      changes: T.changes,
      clock: T.clock,
      events: T.events,
      commands: T.commands,
      queries: T.queries,
      approvals: T.approvals,
      leaderStatus: T.leaderStatus,
      model: T.model,
      logFault: T.logFault,
    },
    ({ config, localChat, storage, changes, clock, events, commands, queries, approvals, leaderStatus, model, logFault }) => {
      const own = [makeDiskProbe({ dataDir: config.dataDir }), makeLogProbe(logPath(config.dataDir), logFault)];
      const run = makeRunProbes({ clock });
      return makeHttpApi({
        localChats: localChat,
        commands,
        queries,
        approvals,
        changes,
        clock,
        events,
        pingSelf: async () => leaderStatus.botScope && pingSelf(leaderStatus.botScope),
        checkProcess: async () => [...(await checkLeaderStatus(leaderStatus)), ...(await run(own)).map(({ check }) => check)],
        facts: { version: VERSION, pid: process.pid, model: model.name, storage: storage.name },
      });
    },
  );
  bind(
    container,
    T.httpServer,
    { config: T.config, api: T.httpApi, events: T.events, storage: T.storage, clock: T.clock },
    ({
      config: {
        http: { tls, ...settings },
      },
      api,
      events,
      storage: { stores },
      clock,
    }) =>
      makeHttpServer({
        ...settings,
        ...(tls ? { tls: { key: readFileSync(tls.keyFile), cert: readFileSync(tls.certFile) } } : {}),
        events,
        onToken: makeRecordLogin({ audit: stores.audit, clock, events }),
        api,
        views: {
          message: messageView,
          promise: promiseView,
          schedule: scheduleView,
          approval: approvalView,
          auditRow: auditRowView,
          usage: usageView,
          stats: statsView,
        },
      }),
  );
};
