import type { ChatId } from '../domain/chat/ids.ts';
import { summarise } from '../domain/health/health.ts';
import { readinessOf } from '../domain/health/readiness.ts';
import type { PingReports } from '../domain/health/self-ping.ts';
import { present } from '../domain/shared/present.ts';
import { err, ok, type Refusal, type Result } from '../domain/shared/result.ts';
import type { ChangeFeed } from '../ports/change-feed.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { ProbeDepth } from '../ports/health-probe.ts';
import type { TranscriptMessage } from '../ports/storage/local-transcript.ts';
import type { Alerts } from '../ports/use-cases/alerts.ts';
import type { Approvals } from '../ports/use-cases/approvals.ts';
import type { Desk } from '../ports/use-cases/desk.ts';
import type { ChatEvent, HttpApi } from '../ports/use-cases/http-api.ts';
import type { ReadLogTail } from '../ports/use-cases/log.ts';
import type { ListProcesses } from '../ports/use-cases/processes.ts';
import type { Queries } from '../ports/use-cases/queries.ts';
import { deskReaders, makeWatchDesk } from './desk/watch-desk.ts';
import type { HealthBoard } from './health/health-board.ts';
import { makeSystemReport } from './health/system-report.ts';
import { within } from './loops/timers.ts';
import type { Commands } from './operator-commands.ts';
import { watchPromises } from './promises/watch-promises.ts';

/** What the API needs of the chats at this machine. */
export interface LocalChats {
  /** `once` names the message: a second one of this name in the chat is not stored. */
  post(chatId: ChatId, text: string, once?: string): Promise<Result<TranscriptMessage, Refusal>>;
  list(chatId: ChatId, after: number | undefined, limit: number, before?: number): Promise<readonly TranscriptMessage[]>;
  subscribe(chatId: ChatId, listener: (event: Exclude<ChatEvent, { type: 'promise' }>) => unknown, after?: number): () => void;
}

/** The report of the system tells what was measured since then. */
const MEASURED_MS = 3_600_000;
/** How long it waits for that. */
const STATS_MS = 5_000;

/** What health says of this process. */
export interface ProcessFacts {
  readonly version: string;
  readonly pid: number;
  readonly model: string;
  readonly storage: string;
}

/** The HTTP API: local chats, promises and schedules, and how this process is. */
export const makeHttpApi = ({
  localChats,
  commands,
  queries,
  approvals,
  alerts,
  listProcesses,
  readLog,
  desk,
  changes,
  clock,
  events,
  pingSelf,
  board,
  facts,
}: {
  readonly localChats: LocalChats;
  readonly commands: Pick<Commands, 'cancelPromise' | 'retryPromise' | 'cancelSchedule' | 'explain' | 'explainOwn'>;
  readonly queries: Queries;
  readonly approvals: Pick<Approvals, 'list' | 'get' | 'decide'>;
  /** Absent: nobody looks at alerts here. */
  readonly alerts?: Pick<Alerts, 'list' | 'silence' | 'endSilence'> | undefined;
  readonly listProcesses: ListProcesses;
  /** Absent: there is no log here that could be read. */
  readonly readLog?: ReadLogTail | undefined;
  readonly desk: Omit<Desk, 'watchDesk'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
  /** Resolves to undefined if another process answers people now. */
  readonly pingSelf: () => Promise<PingReports | undefined>;
  readonly board: HealthBoard;
  readonly facts: ProcessFacts;
}): HttpApi => {
  const startedAt = clock.now();
  const checksTo = async (depth: ProbeDepth) => (await board.read(depth)).map(({ check }) => check);
  return {
    ...desk,
    watchDesk: makeWatchDesk({
      readers: deskReaders({ queries, approvals, alerts, checks: () => checksTo('local') }),
      changes,
      clock,
      events,
    }),
    postMessage: async ({ chatId, text, once }) => {
      const posted = await localChats.post(chatId, text, once);
      return posted.ok ? ok({ chatId: posted.value.chatId, messageId: posted.value.messageId }) : posted;
    },
    listMessages: localChats.list,
    getVerdict: queries.getVerdict,
    listInbox: queries.listInbox,
    explain: async (chatId, messageId) => {
      const { lines } = (await commands.explain(chatId, messageId)) ?? (await commands.explainOwn(chatId, messageId)) ?? {};
      return lines;
    },
    subscribe: (chatId, listener, after) => {
      const endChat = localChats.subscribe(chatId, listener, after);
      const endPromises = watchPromises(
        { listPromises: queries.listPromises, changes, clock, events, query: { chatId } },
        { onChange: (promise) => void listener({ type: 'promise', promise }) },
      );
      return () => {
        endChat();
        endPromises();
      };
    },
    listPromises: queries.listPromises,
    getPromise: queries.getPromise,
    cancelPromise: commands.cancelPromise,
    retryPromise: commands.retryPromise,
    listSchedules: queries.listSchedules,
    cancelSchedule: commands.cancelSchedule,
    listApprovals: approvals.list,
    getApproval: approvals.get,
    decideApproval: (id, verdict, options) => approvals.decide(id, verdict, { kind: 'operator' }, options),
    readAudit: queries.readAudit,
    verifyAudit: queries.verifyAudit,
    listProcesses,
    reportUsage: queries.reportUsage,
    reportStats: queries.reportStats,
    reportSeries: queries.reportSeries,
    ...present({ listAlerts: alerts?.list, silenceAlert: alerts?.silence, endSilence: alerts?.endSilence, readLog }),
    pingSelf: async () => {
      const reports = await pingSelf();
      return reports ? ok(reports) : err({ code: 'bot/stands-by', message: 'another bot answers; this one stands by' });
    },
    health: async () => {
      const { version, pid, model, storage } = facts;
      const { status, checks } = summarise(await checksTo('local'));
      return { status, version, pid, uptimeMs: clock.now() - startedAt, model, storage, checks };
    },
    checkReadiness: async () => readinessOf(await board.read('local')),
    checkSystem: async (depth) => summarise(await checksTo(depth)),
    reportSystem: async ({ deep }) => {
      const at = clock.now();
      // Where the store can't be read, the report says so; it has no numbers then.
      const measured = queries.reportStats({ since: at - MEASURED_MS }).catch(() => ({ rows: [] }));
      const [readings, { rows }] = await Promise.all([
        board.read(deep ? 'deep' : 'cheap'),
        within(clock, STATS_MS, measured, () => ({ rows: [] })),
      ]);
      return makeSystemReport({ readings, lastDeep: board.lastDeep(), at: clock.now(), performance: rows });
    },
  };
};
