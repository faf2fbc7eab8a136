import {
  type AgentPromise,
  type ChatId,
  type ChatMove,
  digestOf,
  type Fact,
  isApprovalEnded,
  present,
  type Schedule,
  withoutNumbers,
} from '../../domain/index.ts';
import type { ChatMoves } from '../../ports/index.ts';
import type { Table } from './table.ts';
import { linkKey, type Tables } from './tables.ts';

const rekey = <Row extends AgentPromise | Schedule | Fact>(table: Table<Row>, from: ChatId, change: (row: Row) => Row): void => {
  for (const row of [...table.rows()]) if (row.chatId === from) table.put(change(row));
};

export const makeChatMoves = (tables: Tables): ChatMoves => {
  const { moves, outbox, promises, schedules, entries, summaries, forgotten, turns, runs, facts, links, approvals, standing, ledger } =
    tables;

  const moveOutbox = (from: ChatId, to: ChatId): void => {
    for (const item of [...outbox.rows()]) {
      if (item.chatId !== from || item.status !== 'pending') continue;
      const { replyTo: _, ...rest } = item;
      outbox.put({ ...rest, chatId: to, answers: [] });
    }
  };
  const movePromises = (from: ChatId, to: ChatId): void => {
    const taken = new Set(
      [...promises.rows()].flatMap(({ chatId, idempotencyKey: key }) => (chatId === to && key !== undefined ? [key] : [])),
    );
    rekey(promises, from, ({ messageId: _, idempotencyKey, ...promise }) => {
      const key = idempotencyKey === undefined || taken.has(idempotencyKey) ? {} : { idempotencyKey };
      return { ...promise, ...key, chatId: to };
    });
  };
  const moveConversation = (from: ChatId, to: ChatId): void => {
    for (const { sequence, entry } of [...entries.rows()]) {
      if (entry.chatId !== from) continue;
      entries.put({ sequence, entry: { ...entry, chatId: to, step: withoutNumbers(entry.step) } });
    }
    const upTo = Math.max(...[from, to].map((chatId) => forgotten.get(chatId)?.upTo ?? 0));
    if (upTo > 0) forgotten.put({ chatId: to, upTo });
    for (const chatId of [from, to]) summaries.remove(chatId);
  };

  const moveApprovals = (from: ChatId, to: ChatId): void => {
    for (const { messageId: _, ...approval } of [...approvals.rows()]) {
      if (approval.call.chatId !== from) continue;
      const call = { ...approval.call, chatId: to };
      approvals.put({ ...approval, call, digest: isApprovalEnded(approval) ? approval.digest : digestOf(call) });
    }
    for (const given of [...standing.rows()]) if (given.chatId === from) standing.put({ ...given, chatId: to });
  };

  const moveLinks = (from: ChatId, to: ChatId): void => {
    for (const row of [...links.rows()]) {
      const { messageId, ...link } = row.link;
      const moved = { ...link, ...(link.chatId === from ? { chatId: to } : present({ messageId })) };
      const tenant = link.tenant === from ? to : link.tenant;
      if (link.chatId !== from && tenant === link.tenant) continue;
      if (tenant !== link.tenant) {
        links.remove(linkKey(link));
        // The new chat's own link stays.
        if (links.get(linkKey({ ...link, tenant }))) continue;
      }
      links.put({ ...row, link: { ...moved, tenant } });
    }
  };

  return {
    add: async (move) => {
      const { from, to } = move;
      if (moves.get(from)) return false;
      moves.put({ from, to, at: move.at });
      moveOutbox(from, to);
      movePromises(from, to);
      rekey(facts, from, ({ messageId: _, ...fact }) => ({ ...fact, chatId: to }));
      moveApprovals(from, to);
      moveLinks(from, to);
      rekey(schedules, from, ({ messageId: _, ...schedule }) => ({ ...schedule, chatId: to }));
      moveConversation(from, to);
      for (const row of [...runs.rows()])
        if (row.run.chatId === from && row.run.promiseId === undefined && row.endedAt === undefined)
          runs.put({ ...row, run: { ...row.run, chatId: to } });
      for (const turn of [...turns.rows()]) if (turn.chatId === from) turns.put({ ...turn, chatId: to });
      for (const entry of [...ledger.rows()]) if (entry.chatId === from) ledger.put({ ...entry, chatId: to });
      return true;
    },
    home: async (chatId) => moves.get(chatId)?.to ?? chatId,
    list: async () => [...moves.rows()].toSorted((a: ChatMove, b: ChatMove) => a.at - b.at || (a.from < b.from ? -1 : 1)),
  };
};
