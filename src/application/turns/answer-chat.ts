import type { ChatId } from '../../domain/chat/ids.ts';
import { addUsage, NO_USAGE, OWN_ANSWERS, type TurnId, turnId } from '../../domain/conversation/turn.ts';
import { commandOf } from '../../domain/message/command.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { present } from '../../domain/shared/present.ts';
import { OWN_WORDS } from '../../domain/trust/labels.ts';
import { type AccessPolicy, workspaceOf } from '../../domain/workspace/policy.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { AgentCatalog } from '../agents/agent-catalog.ts';
import type { Spender } from '../budgets/limits.ts';
import type { OpenSpending } from '../budgets/spending.ts';
import type { RunCommand } from '../chat-commands/run-command.ts';
import { makeWithReplied } from '../inbox/find-replied.ts';
import { OutdatedTurnError, type RunningTurns } from '../inbox/running-turns.ts';
import { measuredCommits } from '../telemetry/measured-commits.ts';
import { noWork, type ScopedCorrelation } from '../telemetry/work-scopes.ts';
import { hasMessages, lastOf, makeCommitTurn, type TurnMessages, type TurnResult } from './commit-turn.ts';
import { type ConverseDeps, makeConverse } from './converse.ts';
import { makeGatherMessages } from './gather-messages.ts';
import { makeTurnRuns } from './turn-run.ts';

/**
 * Answers the messages that wait in a chat, under any id that it has had, up to the first command behind a question:
 * that command waits for the next call. Resolves to whether a message waited. Rejects if something can't be committed.
 */
export type AnswerChat = (home: ChatId, signal: AbortSignal) => Promise<boolean>;

/** What ends a turn early. */
interface Ends {
  readonly turn: Pick<ReturnType<RunningTurns['begin']>, 'stopped'>;
  readonly signal: AbortSignal;
}

/**
 * Answers waiting messages in order (rule 7): each command by itself, and all questions in one turn. Each answer has a
 * commit of its own. A turn that `signal` or a person stops commits nothing; after a `/stop`, the next call tells
 * people so, even after a crash.
 */
export const makeAnswerChat = (
  deps: ConverseDeps & {
    readonly stores: Pick<Stores, 'messages' | 'conversations' | 'summaries' | 'outbox' | 'journal'>;
    readonly agents: Pick<AgentCatalog, 'chatAgent'>;
    readonly gateways: readonly ChatGateway[];
    readonly redact: Redact;
    /** Default: nobody knows what work it is. */
    readonly correlation?: ScopedCorrelation;
    readonly unitOfWork: UnitOfWork;
    readonly runCommand: RunCommand;
    readonly turns: Pick<RunningTurns, 'begin'>;
    readonly randomness: Randomness;
    /** Pays for turns. Absent: what they use has no price. */
    readonly openSpending?: OpenSpending | undefined;
  },
): AnswerChat => {
  const { stores, gateways, unitOfWork, policy, clock, randomness, redact, events, moved, correlation = noWork } = deps;
  const maxTokens = deps.settings.maxHistoryTokens;
  const gather = makeGatherMessages({ stores, unitOfWork, policy, clock, events, maxTokens, ...present({ moved }) });
  const withReplied = makeWithReplied({ stores, gateways, policy, clock, events, redact });
  const converse = makeConverse(deps);
  const runs = makeTurnRuns({ journal: stores.journal, unitOfWork, randomness, clock, events });
  const commits = measuredCommits(unitOfWork, 'turn', deps);
  const commit = makeCommitTurn({ unitOfWork: commits, policy, clock, randomness, correlation, events });

  const { endedWithout, inScope } = makeTurnScopes({ randomness, correlation, events });

  /** One turn of the agent. What it uses is counted, whatever its result. */
  const answer = async (home: ChatId, questions: TurnMessages, id: TurnId, { turn, signal }: Ends): Promise<void> => {
    const agent = deps.agents.chatAgent(workspaceOf(policy, home)?.name);
    const opened = await runs.open(home, questions, agent);
    const { journal } = opened;
    const { startedAt } = journal.run;
    let usage = NO_USAGE;
    const both = AbortSignal.any([signal, turn.stopped]);
    const spending = deps.openSpending?.(spenderOf(policy, questions, home, agent.name), both, journal.rest().writer);
    let end: 'committed' | 'dropped' | 'interrupted' = 'interrupted';
    try {
      const asked = await withReplied(opened.records);
      const ending = await converse(asked, {
        agent,
        startedAt,
        opened,
        signal: both,
        spending,
        onUsage: (paid) => {
          usage = addUsage(usage, paid);
        },
      });
      if (turn.stopped.aborted) {
        end = 'dropped';
        return;
      }
      await commit(asked, { ...ending, usage, journal, id, ...present({ spending }) }, startedAt);
      end = 'committed';
    } catch (error) {
      if (turn.stopped.aborted || error instanceof OutdatedTurnError) end = 'dropped';
      throw error;
    } finally {
      const chatId = questions[0].message.chat.id;
      if (end !== 'committed')
        await runs.leave(journal, { id, chatId, agent: agent.name, startedAt, usage, spending, goesOn: end === 'interrupted' });
      spending?.close();
    }
  };

  return async (home, signal) => {
    // Begins before the messages are read: a `/stop` that is not among them comes later, and reaches this turn.
    const turn = deps.turns.begin(home);
    const ends = { turn, signal };
    try {
      const { stopped, stopsAll, commands, questions } = await gather(home);
      turn.isAbout(
        questions.flatMap(({ message: { messageId, replyTo } }) => (replyTo === undefined ? messageId : [messageId, replyTo])),
        questions.map(({ message }) => message.sender.id),
      );
      if (hasMessages(stopped)) {
        const stop = async (id: TurnId): Promise<void> => {
          await commit(stopped, { ...stopping(stopped, stopsAll), id }, clock.now());
          // Where others still wait, the turn that was left may be theirs: the next one goes on with it, or ends it.
          if (stopsAll || questions.length === 0) await runs.stop(home);
        };
        if (!(await inScope(home, stopped, ends, stop))) return true;
      }
      for (const { record, command } of commands) {
        const here = { ...record, message: { ...record.message, chat: { ...record.message.chat, id: home } } };
        const run = async (id: TurnId): Promise<void> => {
          const startedAt = clock.now();
          await commit([record], { outcome: 'answered', agent: OWN_ANSWERS, text: await deps.runCommand(command, here), id }, startedAt);
        };
        if (!(await inScope(home, [record], ends, run))) return true;
      }
      if (hasMessages(questions) && !turn.stopped.aborted) await inScope(home, questions, ends, (id) => answer(home, questions, id, ends));
      return stopped.length + commands.length + questions.length > 0;
    } catch (error) {
      if (!endedWithout(error, home, ends)) throw error;
      return true;
    } finally {
      turn.end();
    }
  };
};

/** Runs turns in scopes, and tells of those that end without a commit. */
const makeTurnScopes = ({
  randomness,
  correlation,
  events,
}: {
  readonly randomness: Randomness;
  readonly correlation: ScopedCorrelation;
  readonly events: Events;
}) => {
  /** Tells what ended a turn without a commit, where that is no failure; resolves to whether it is none. */
  const endedWithout = (error: unknown, home: ChatId, { turn, signal }: Ends): boolean => {
    const ended = error instanceof OutdatedTurnError ? error : turn.stopped.reason;
    if (signal.aborted || ended === undefined) return false;
    if (ended instanceof OutdatedTurnError) events.emit({ type: 'turn-restarted', chatId: home, reason: ended.message });
    else events.emit({ type: 'turn-stopped', chatId: home });
    return true;
  };

  /** Runs what ends in one commit, in a scope of its own. Resolves to whether it was not ended without one. */
  const inScope = (home: ChatId, records: TurnMessages, ends: Ends, work: (id: TurnId) => Promise<void>): Promise<boolean> => {
    const id = turnId(randomness.id());
    return correlation.run(correlation.scopes.turn(id, records), async () => {
      try {
        await work(id);
        return true;
      } catch (error) {
        if (endedWithout(error, home, ends)) return false;
        throw error;
      }
    });
  };

  return { endedWithout, inScope };
};

/** Whoever said the last of these messages spends. */
const spenderOf = (policy: AccessPolicy, records: TurnMessages, chatId: ChatId, agent: string): Spender => {
  const { chat, sender } = lastOf(records).message;
  const workspace = chat.kind === 'direct' ? undefined : workspaceOf(policy, chatId)?.name;
  return { chatId, chatKind: chat.kind, person: sender.id, agent, ...present({ workspace }) };
};

const NOTHING_OWN =
  'Nothing that you asked for is running in this chat. A guest stops nothing that others asked for: whoever asked can, and any member here.';

const stopping = (records: readonly InboxMessage[], stopsAll: boolean): TurnResult => {
  const agent = OWN_ANSWERS;
  if (records.every(({ message }) => commandOf(message.text)))
    return { outcome: 'stopped', agent, text: stopsAll ? 'Nothing is running in this chat.' : NOTHING_OWN };
  const text = 'Stopped, as you asked. Nothing was changed.';
  return { outcome: 'stopped', agent, text, steps: [{ role: 'agent', text, toolCalls: [], provenance: OWN_WORDS }] };
};
