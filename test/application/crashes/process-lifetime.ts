import type { MemoryChangeFeed } from '../../../src/adapters/memory/index.ts';
import type { ChangeFeed, ChatGateway, Clock, LanguageModel, Storage, Stores, Tool } from '../../../src/ports/index.ts';

/** A process's life. Once it has ended, nothing that the process asks for happens, and nothing comes back to it. */
export interface ProcessLifetime {
  readonly ended: boolean;
  end(): void;
  /** Ends at the `steps`-th port call from here: each counts twice, before and after its effect. */
  endAfter(steps: number): void;
  /** How many steps it has lived. */
  readonly steps: number;
  /** Port calls under way. */
  readonly active: number;
  /** The port call at which it ended, as "before …" or "after …". */
  readonly endedAt: string | undefined;
  /** A port call: it may never happen, or happen and never return. */
  through<T>(call: () => Promise<T>, name: string): Promise<T>;
  /** The same inside a unit of work, which a death undoes. */
  within<T>(call: () => Promise<T>, name: string): Promise<T>;
}

export type OnUnitCall = (call: string) => void;

export const makeLifetime = (): ProcessLifetime => {
  let ended = false;
  let steps = 0;
  let active = 0;
  let last = Number.POSITIVE_INFINITY;
  let endedAt: string | undefined;
  const lives = (when: 'before' | 'after', name: string): boolean => {
    if (!ended && ++steps >= last) {
      ended = true;
      endedAt = `${when} ${name}`;
    }
    return !ended;
  };
  const never = new Promise<never>(() => undefined);
  return {
    get ended() {
      return ended;
    },
    get steps() {
      return steps;
    },
    get active() {
      return active;
    },
    get endedAt() {
      return endedAt;
    },
    end: () => {
      ended = true;
    },
    endAfter: (count) => {
      last = steps + count;
    },
    through: async (call, name) => {
      if (!lives('before', name)) return never;
      active++;
      try {
        const value = await call();
        return lives('after', name) ? value : never;
      } catch (error) {
        return lives('after', name) ? Promise.reject(error) : never;
      } finally {
        active--;
      }
    },
    within: async (call, name) => {
      if (!lives('before', name)) throw new Error('the process has died');
      return call();
    },
  };
};

type Wrap = <T>(call: () => Promise<T>, name: string) => Promise<T>;

/** A port all of whose methods are asynchronous, with every call passed through `wrap`. */
const wrapped = <Port extends object>(port: Port, area: string, wrap: Wrap): Port =>
  new Proxy(port, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => wrap(async () => Reflect.apply(member, target, args), `${area}.${String(key)}`);
    },
  });

const wrappedStores = (
  {
    messages,
    conversations,
    summaries,
    turns,
    journal,
    outbox,
    promises,
    approvals,
    cards,
    schedules,
    facts,
    links,
    usernames,
    chatMoves,
    audit,
    ledger,
    pairings,
    sketches,
    webhooks,
    requestKeys,
    alerts,
    processes,
  }: Stores,
  wrap: Wrap,
): Stores => ({
  messages: wrapped(messages, 'messages', wrap),
  conversations: wrapped(conversations, 'conversations', wrap),
  summaries: wrapped(summaries, 'summaries', wrap),
  turns: wrapped(turns, 'turns', wrap),
  journal: wrapped(journal, 'journal', wrap),
  outbox: wrapped(outbox, 'outbox', wrap),
  promises: wrapped(promises, 'promises', wrap),
  approvals: wrapped(approvals, 'approvals', wrap),
  cards: wrapped(cards, 'cards', wrap),
  schedules: wrapped(schedules, 'schedules', wrap),
  facts: wrapped(facts, 'facts', wrap),
  links: wrapped(links, 'links', wrap),
  usernames: wrapped(usernames, 'usernames', wrap),
  chatMoves: wrapped(chatMoves, 'chatMoves', wrap),
  audit: wrapped(audit, 'audit', wrap),
  ledger: wrapped(ledger, 'ledger', wrap),
  pairings: wrapped(pairings, 'pairings', wrap),
  sketches: wrapped(sketches, 'sketches', wrap),
  webhooks: wrapped(webhooks, 'webhooks', wrap),
  requestKeys: wrapped(requestKeys, 'requestKeys', wrap),
  alerts: wrapped(alerts, 'alerts', wrap),
  processes: wrapped(processes, 'processes', wrap),
});

/**
 * The storage as a process that may die sees it. Storage that has no feed of its own is made to tell of each commit.
 */
export const mortalStorage = (
  { name, id, stores, unitOfWork, queue, transcript, state }: Storage,
  life: ProcessLifetime,
  changes: MemoryChangeFeed,
  onUnitCall?: OnUnitCall,
): Storage => {
  const within: Wrap = (call, name) =>
    life.within(async () => {
      onUnitCall?.(name);
      return call();
    }, `${name} in a unit`);
  return {
    name,
    id,
    stores: wrappedStores(stores, life.through),
    unitOfWork: {
      run: (work) =>
        life.through(async () => {
          const value = await unitOfWork.run(async (unit) => {
            const result = await work(wrappedStores(unit, within));
            // Death before the commit undoes the unit.
            await life.within(async () => undefined, 'a commit');
            return result;
          });
          changes.changed();
          return value;
        }, 'a unit'),
    },
    queue: wrapped(queue, 'queue', life.through),
    transcript,
    state: (gateway) => wrapped(state(gateway), 'state', life.through),
  };
};

export const mortalClock = (clock: Clock, life: ProcessLifetime): Clock => ({
  now: () => clock.now(),
  after: (ms, action) => (life.ended ? () => undefined : clock.after(ms, () => (life.ended ? undefined : action()))),
});

export const mortalFeed = (feed: ChangeFeed, life: ProcessLifetime): ChangeFeed => ({
  subscribe: (listener) => feed.subscribe(() => (life.ended ? undefined : listener())),
});

export const mortalGateway = (gateway: ChatGateway, life: ProcessLifetime): ChatGateway => ({
  ...gateway,
  name: gateway.name,
  send: (message) => life.through(() => gateway.send(message), 'send'),
  showDraft: (draft) => life.through(() => gateway.showDraft(draft), 'showDraft'),
  showTyping: (chatId) => life.through(() => gateway.showTyping(chatId), 'showTyping'),
  edit: (chatId, messageId, text) => life.through(async () => (await gateway.edit?.(chatId, messageId, text)) ?? false, 'edit'),
  fetchAttachments: (message, options) =>
    life.through(async () => (await gateway.fetchAttachments?.(message, options)) ?? [], 'fetchAttachments'),
  acknowledge: (chatId, messageId) => life.through(() => gateway.acknowledge(chatId, messageId), 'acknowledge'),
});

export const mortalModel = (model: LanguageModel, life: ProcessLifetime): LanguageModel => ({
  name: model.name,
  respond: (request, options) => life.through(() => model.respond(request, options), 'respond'),
});

export const mortalTool = ({ run, outcomeOf, ...tool }: Tool, life: ProcessLifetime): Tool => ({
  ...tool,
  run: (input, context) => life.through(() => run(input, context), `run of ${tool.name}`),
  ...(outcomeOf ? { outcomeOf: (input, context) => life.through(() => outcomeOf(input, context), `outcomeOf of ${tool.name}`) } : {}),
});
