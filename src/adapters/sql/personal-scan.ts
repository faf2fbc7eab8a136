import type { ConversationStep, RepliedMessage } from '../../domain/index.ts';
import type { Echo } from '../../domain/recall/echo.ts';
import {
  type FoundRows,
  type Heard,
  isTheirMessage,
  isTheirPromise,
  NUMBERS,
  type PersonalScope,
  rowsOf,
  TEXTS,
  textsOf,
} from './personal-scope.ts';
import { approvalsIn, keyValuesIn, othersPromisesIn, requestKeysIn, runsIn, schedulesIn, webhookEventsIn } from './personal-work.ts';
import type { Query } from './sql.ts';

interface EntryRow {
  readonly id: number;
  readonly chat_id: string;
  readonly turn_id: string | null;
  readonly step: string;
}

/** A reply without what it quotes: whose words these are is not told either. */
export const withoutQuote = ({ text: _, quote: __, from: ___, ...rest }: RepliedMessage): RepliedMessage => rest;

/** What becomes of an entry. */
export const fateOf = (row: EntryRow, scope: PersonalScope, echo: Heard): 'goes' | 'quotes' | 'stays' => {
  if (scope.direct.has(row.chat_id)) return 'goes';
  const step = JSON.parse(row.step) as ConversationStep;
  if (step.role !== 'person') {
    if (row.turn_id !== null && scope.turns.has(row.turn_id)) return 'goes';
    const { text, calls } =
      step.role === 'agent' ? { text: step.text, calls: JSON.stringify(step.toolCalls) } : { text: step.output, calls: '' };
    return echo.isIn(textsOf(text, calls)) ? 'goes' : 'stays';
  }
  if (isTheirMessage(scope, row.chat_id, step.messageId)) return 'goes';
  const { replied } = step;
  if (!replied || (replied.text === undefined && replied.quote === undefined && replied.from === undefined)) return 'stays';
  return isTheirMessage(scope, row.chat_id, replied.messageId) || echo.isIn(textsOf(replied.text, replied.quote)) ? 'quotes' : 'stays';
};

const toldKey = (chat: string, text: string): string => `${chat} ${text}`;
const textIn = ({ step, turn_id }: EntryRow): string => {
  const said = turn_id === null ? (JSON.parse(step) as ConversationStep) : undefined;
  return said?.role === 'agent' ? said.text : '';
};

/** What failed with a promise of theirs says what that promise was: `promise #3 (call Ernestine)`. */
const tellsOfTheirs = (text: string, { promises }: PersonalScope): boolean =>
  promises.size > 0 && Array.from(text.matchAll(/promise #(\d{1,15}) \(/g)).some(([, id]) => promises.has(Number(id)));

/** Looks through everything that may hold words of a person. Reads only. */
export const findRows = async (query: Query, scope: PersonalScope, words: Echo): Promise<FoundRows> => {
  const echo = { isIn: (text: string) => words.isIn(text) || tellsOfTheirs(text, scope) };
  const { outbox, told } = await outboxIn(query, scope, echo);
  const runs = await runsIn(query, scope, echo);
  const approvals = await approvalsIn(query, scope, echo);
  return {
    outbox,
    ...(await conversationsIn(query, scope, echo, told)),
    quotingMessages: await quotingMessagesIn(query, scope, echo),
    localMessages: await localMessagesIn(query, scope, echo),
    webhookEvents: await webhookEventsIn(query, scope, echo),
    requestKeys: await requestKeysIn(query, scope, echo),
    runs: runs.found,
    approvals: approvals.found,
    ...(await schedulesIn(query, scope, echo)),
    ...(await recalledIn(query, scope, echo)),
    ...(await othersPromisesIn(query, scope, echo)),
    keyValues: await keyValuesIn(query, scope, echo),
    underWay: runs.underWay + approvals.underWay,
  };
};

/** `told`: what was said of their promises stands in conversations, too, without a turn. */
const outboxIn = async (
  query: Query,
  scope: PersonalScope,
  echo: Heard,
): Promise<Pick<FoundRows, 'outbox'> & { readonly told: ReadonlySet<string> }> => {
  const outbox: number[] = [];
  const told = new Set<string>();
  type Item = { id: number; chat_id: string; text: string; answers: string; promise_id: number | null };
  const from = { table: 'outbox', columns: 'id, chat_id, text, answers, promise_id' };
  for await (const row of rowsOf<Item>(query, { from, key: 'id', first: NUMBERS })) {
    const answers = JSON.parse(row.answers) as readonly string[];
    const isBound = answers.some((id) => isTheirMessage(scope, row.chat_id, id)) || isTheirPromise(scope, row.promise_id);
    if (isBound) told.add(toldKey(row.chat_id, row.text));
    if (scope.direct.has(row.chat_id) || isBound || echo.isIn(row.text)) outbox.push(Number(row.id));
  }
  return { outbox, told };
};

/** Entries, and the chats whose summaries go: those of the person, and those whose entries or summary repeat them. */
const conversationsIn = async (
  query: Query,
  scope: PersonalScope,
  echo: Heard,
  told: ReadonlySet<string>,
): Promise<Pick<FoundRows, 'entries' | 'quotingEntries' | 'chats'>> => {
  const entries: number[] = [];
  const quotingEntries: number[] = [];
  const chats = new Set<string>([...scope.direct, ...scope.messages.keys()]);
  const from = { table: 'conversation', columns: 'id, chat_id, turn_id, step' };
  for await (const row of rowsOf<EntryRow>(query, { from, key: 'id', first: NUMBERS })) {
    const fate = told.has(toldKey(row.chat_id, textIn(row))) ? 'goes' : fateOf(row, scope, echo);
    if (fate === 'stays') continue;
    chats.add(row.chat_id);
    (fate === 'goes' ? entries : quotingEntries).push(Number(row.id));
  }
  const summaries = { table: 'conversation_summaries', columns: 'chat_id, text' };
  for await (const { chat_id, text } of rowsOf<{ chat_id: string; text: string }>(query, { from: summaries, key: 'chat_id', first: TEXTS }))
    if (echo.isIn(text)) chats.add(chat_id);
  return { entries, quotingEntries, chats };
};

const quotingMessagesIn = async (query: Query, scope: PersonalScope, echo: Heard): Promise<readonly number[]> => {
  const found: number[] = [];
  type Reply = { sequence: number; chat_id: string; reply_to: string | null; replied: string };
  const from = { table: 'messages', columns: 'sequence, chat_id, reply_to, replied' };
  for await (const row of rowsOf<Reply>(query, { from, key: 'sequence', first: NUMBERS, where: 'replied IS NOT NULL' })) {
    const { messageId, text, quote } = JSON.parse(row.replied) as RepliedMessage;
    const isTheirs = isTheirMessage(scope, row.chat_id, messageId) || isTheirMessage(scope, row.chat_id, row.reply_to);
    if (isTheirs || echo.isIn(textsOf(text, quote))) found.push(Number(row.sequence));
  }
  return found;
};

const localMessagesIn = async (query: Query, { direct }: PersonalScope, echo: Heard): Promise<readonly number[]> => {
  const found: number[] = [];
  type Local = { position: number; chat_id: string; sender: string; text: string };
  const from = { table: 'local_messages', columns: 'position, chat_id, sender, text' };
  for await (const row of rowsOf<Local>(query, { from, key: 'position', first: NUMBERS }))
    if (direct.has(row.chat_id) || (row.sender !== 'operator' && echo.isIn(row.text))) found.push(Number(row.position));
  return found;
};

/** Facts and links: those that they had saved, and those of others that repeat their words. */
const recalledIn = async (
  query: Query,
  { direct, person }: PersonalScope,
  echo: Heard,
): Promise<Pick<FoundRows, 'facts' | 'links' | 'notes'>> => {
  const facts: number[] = [];
  type Fact = { id: number; chat_id: string; said_by: string; text: string };
  const allFacts = { table: 'facts', columns: 'id, chat_id, said_by, text' };
  for await (const row of rowsOf<Fact>(query, { from: allFacts, key: 'id', first: NUMBERS }))
    if (direct.has(row.chat_id) || row.said_by === person || echo.isIn(row.text)) facts.push(Number(row.id));
  const links: number[] = [];
  const notes: (readonly [number, string])[] = [];
  type Saved = { id: number; chat_id: string; saved_by: string; url: string; note: string | null };
  const allLinks = { table: 'links', columns: 'id, chat_id, saved_by, url, note' };
  for await (const row of rowsOf<Saved>(query, { from: allLinks, key: 'id', first: NUMBERS }))
    if (direct.has(row.chat_id) || row.saved_by === person || echo.isIn(row.url)) links.push(Number(row.id));
    else if (row.note !== null && echo.isIn(row.note)) notes.push([Number(row.id), row.url]);
  return { facts, links, notes };
};
