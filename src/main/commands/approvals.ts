import type { Command } from 'commander';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import { approvalLine, approvalView, standingView } from '../../adapters/views/index.ts';
import { spendingRun } from '../../domain/approval/guarded-call.ts';
import { MAX_STANDING_PER_CHAT } from '../../domain/approval/limits.ts';
import {
  APPROVAL_STATUSES,
  type Approval,
  type ApprovalId,
  type ApprovalStatus,
  approvalId,
  type ChatId,
  clockTime,
  ok,
  type StandingApproval,
  type StandingId,
  standingId,
  visible,
} from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { CommandError, print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { anyChatOption, argument, choiceOption, limitOf, several, standingSpanOf } from './arguments.ts';
import { printJson, tableStyle } from './outcome.ts';
import { tellEach } from './tell-outcomes.ts';
import { warnIfIdle } from './warn-idle.ts';
import { withContext, withContextToRead, withContextToStop } from './with-context.ts';

interface Json {
  readonly json?: boolean;
}

const OPERATOR = { kind: 'operator' } as const;

export const addApprovals = (program: Command): void => {
  const approvals = program
    .command('approvals')
    .description('calls that wait for a yes: list, show, approve, deny; and standing approvals');
  addReading(approvals);
  addDeciding(approvals);
  addStanding(approvals);
};

const addReading = (approvals: Command): void => {
  approvals
    .command('list')
    .description('list approvals, newest first')
    .addOption(choiceOption('--status <status...>', 'only these', APPROVAL_STATUSES))
    .addOption(anyChatOption('only this chat'))
    .option('--limit <n>', 'maximum number', argument(limitOf), 50)
    .option('--json', 'as JSON')
    .action(({ json, status, chat, limit }: Json & { status?: ApprovalStatus[]; chat?: ChatId; limit: number }) =>
      withContextToRead(async ({ get }) => {
        const { timeZone } = await get(TOKENS.config);
        const found = await (await get(TOKENS.approvals)).list({ limit, ...present({ statuses: status, chatId: chat }) });
        if (json) return printJson({ approvals: found.map(approvalLine) });
        print(found.length === 0 ? 'No approvals.' : table(found, timeZone));
      }),
    );

  approvals
    .command('show')
    .description('show everything about an approval: the exact call, who asked, who decided, what became of it')
    .argument('<id>', 'its number', argument(approvalId))
    .option('--json', 'as JSON')
    .action((id: ApprovalId, { json }: Json) =>
      withContextToRead(async ({ get }) => {
        const approval = await (await get(TOKENS.approvals)).get(id);
        if (!approval) throw new CommandError(`there is no approval #${id}`, 'approval/not-found');
        if (json) return printJson(approvalView(approval));
        const { input: _, arguments: exact, ...rest } = approvalView(approval);
        for (const [name, value] of Object.entries(rest))
          print(`${name.padEnd(16)} ${visible(typeof value === 'object' ? JSON.stringify(value) : String(value))}`);
        print(`arguments\n${exact}`);
      }),
    );
};

const addDeciding = (approvals: Command): void => {
  approvals
    .command('approve')
    .description('say yes, as the operator: each call runs as soon as a worker is free')
    .argument('<ids...>', 'their numbers', several(approvalId))
    .option(
      '--for <span>',
      'also yes to each further call of that tool in that chat and directory, for so long: 1d, 12h',
      argument(standingSpanOf),
    )
    .option('--json', 'as JSON: an object for one, an array for several')
    .action((ids: readonly ApprovalId[], { json, for: standingMs }: Json & { for?: number }) =>
      withContext(async ({ get }) => {
        const { decide, listStanding } = await get(TOKENS.approvals);
        const { timeZone } = await get(TOKENS.config);
        const approve = async (id: ApprovalId) => {
          const decided = await decide(id, 'approve', OPERATOR, present({ standingMs }));
          if (!decided.ok || standingMs === undefined) return decided;
          const held = await listStanding({ chatId: decided.value.call.chatId, limit: MAX_STANDING_PER_CHAT });
          return ok({ ...decided.value, ...present({ standing: held.find(({ approvalId: by }) => by === id) }) });
        };
        const view = ({ standing, ...approval }: Approved) => ({
          ...approvalView(approval),
          ...present({ standing: standing && standingView(standing) }),
        });
        await tellEach<ApprovalId, Approved>(ids, approve, {
          json,
          view,
          words: ({ standing, ...approval }) => [words(approval), ...(standing ? [standingWords(standing, timeZone)] : [])].join('\n'),
        });
        await warnIfIdle(await get(TOKENS.config));
      }),
    );

  approvals
    .command('deny')
    .description('say no, as the operator: the calls never run')
    .argument('<ids...>', 'their numbers', several(approvalId))
    .option('--json', 'as JSON: an object for one, an array for several')
    .action((ids: readonly ApprovalId[], { json }: Json) =>
      withContextToStop(async ({ get }) => {
        const { decide } = await get(TOKENS.approvals);
        await tellEach(ids, (id) => decide(id, 'deny', OPERATOR), { json, view: approvalView, words });
      }),
    );
};

const addStanding = (approvals: Command): void => {
  approvals
    .command('standing')
    .description('list standing approvals that hold, newest first')
    .option('--all', 'those that are over or revoked, too')
    .addOption(anyChatOption('only this chat'))
    .option('--limit <n>', 'maximum number', argument(limitOf), 50)
    .option('--json', 'as JSON')
    .action(({ json, all = false, chat, limit }: Json & { all?: boolean; chat?: ChatId; limit: number }) =>
      withContextToRead(async ({ get }) => {
        const { timeZone } = await get(TOKENS.config);
        const { listStanding } = await get(TOKENS.approvals);
        const found = await listStanding({ limit, includeEnded: all, ...present({ chatId: chat }) });
        if (json) return printJson({ standing: found.map(standingView) });
        print(found.length === 0 ? 'No standing approvals.' : standingTable(found, timeZone));
      }),
    );

  approvals
    .command('revoke')
    .description('end standing approvals at once')
    .argument('<ids...>', 'their numbers', several(standingId))
    .option('--json', 'as JSON: an object for one, an array for several')
    .action((ids: readonly StandingId[], { json }: Json) =>
      withContextToStop(async ({ get }) => {
        const { revokeStanding } = await get(TOKENS.approvals);
        const revoked = ({ id }: StandingApproval): string => `Standing approval #${id} holds no longer.`;
        await tellEach(ids, (id) => revokeStanding(id, OPERATOR), { json, view: standingView, words: revoked });
      }),
    );
};

/** An approval, and the standing one that was given with it. */
type Approved = Approval & { readonly standing?: StandingApproval };

const standingWords = ({ id, tool, chatId, directory, expiresAt }: StandingApproval, timeZone: string): string =>
  `Standing approval #${id} is given, too: each further call of ${stripControl(tool)} in chat ${chatId} and directory ${visible(directory)} runs without being asked about, until ${clockTime(expiresAt, timeZone)} ${timeZone}.`;

const words = (approval: Approval): string => (spendingRun(approval) === undefined ? callWords(approval) : spendWords(approval));

const spendWords = ({ id, status, promiseId }: Approval): string =>
  status === 'denied'
    ? `Approval #${id} is denied: promise #${promiseId} may not cost more.`
    : `Approval #${id} is given: promise #${promiseId} goes on.`;

const callWords = ({ id, status, call }: Approval): string =>
  status === 'denied'
    ? `Approval #${id} is denied: ${stripControl(call.tool)} does not run.`
    : `Approval #${id} is given: ${stripControl(call.tool)} runs next.`;

const table = (approvals: readonly Approval[], timeZone: string): string =>
  formatTable(
    approvals.map(({ id, status, call, askedAt, decidedBy }) => ({
      id: `#${id}`,
      status,
      asked: clockTime(askedAt, timeZone),
      chat: call.chatId,
      by: decidedBy ?? '',
      call: visible(`${call.tool} ${JSON.stringify(call.input)}`),
    })),
    [
      { key: 'id', title: 'ID', align: 'right' },
      { key: 'status', title: 'STATUS' },
      { key: 'asked', title: `ASKED (${timeZone})` },
      { key: 'chat', title: 'CHAT' },
      { key: 'by', title: 'DECIDED BY' },
      { key: 'call', title: 'CALL', flexible: true },
    ],
    tableStyle(),
  );

const standingTable = (standing: readonly StandingApproval[], timeZone: string): string =>
  formatTable(
    standing.map(({ id, tool, directory, chatId, givenBy, expiresAt, revokedAt }) => ({
      id: `#${id}`,
      until: revokedAt === undefined ? clockTime(expiresAt, timeZone) : 'revoked',
      chat: chatId,
      by: givenBy,
      tool,
      directory,
    })),
    [
      { key: 'id', title: 'ID', align: 'right' },
      { key: 'until', title: `UNTIL (${timeZone})` },
      { key: 'chat', title: 'CHAT' },
      { key: 'by', title: 'GIVEN BY' },
      { key: 'tool', title: 'TOOL' },
      { key: 'directory', title: 'DIRECTORY', flexible: true },
    ],
    tableStyle(),
  );
