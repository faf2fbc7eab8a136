import type { ChatId, UserId } from '../../src/domain/index.ts';
import { approvalId, factId, promiseId, runId, scheduleId, turnId } from '../../src/domain/index.ts';
import { sha256 } from '../../src/domain/shared/sha256.ts';
import type { Storage } from '../../src/ports/index.ts';
import {
  buildApproval,
  buildEntry,
  buildFact,
  buildLink,
  buildOutboxDraft,
  buildPromise,
  buildRecord,
  buildRun,
  buildSchedule,
  buildTurn,
  buildWebhookDraft,
  carryOut,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../src/testing/index.ts';

export const PEOPLE = 10;
export const CANARIES = 100;
/** The group that all of them are in. */
export const GROUP = telegramChat(-100_500);

export const personOf = (person: number): UserId => telegramUser(501 + person);
const directOf = (person: number): ChatId => telegramChat(501 + person);

/** A word that nothing else holds. */
export const canary = (person: number, at: number): string => `canary${person}x${at}q${tailOf(person, at)}`;
const tailOf = (person: number, at: number): string => sha256(`${person} ${at}`).slice(0, 12);
export const canariesOf = (person: number): readonly string[] => Array.from({ length: CANARIES }, (_, at) => canary(person, at));

/** The canaries of which bytes hold the end: an index of words shares the beginnings of words. */
export const canariesIn = (bytes: Buffer | string, person: number): readonly string[] =>
  canariesOf(person).filter((_, at) => bytes.includes(tailOf(person, at)));

type Stores = Storage['stores'];

/** Keeps all canaries of a person, in every place of a storage that holds words. Each is said by the person, too. */
export const plant = async ({ unitOfWork, state, transcript }: Storage, person: number): Promise<void> => {
  const { shown, told } = await unitOfWork.run((stores) => plantIn(stores, person));
  await state('progress:telegram').set(new Map([[`reply ${GROUP} telegram:${person}`, shown]]));
  // A repeat of it in another conversation.
  await transcript.post({
    chatId: 'local:1' as ChatId,
    from: 'agent',
    text: `They said ${told}`,
    answers: [],
    at: START,
    randomId: `r${person}`,
  });
};

const plantIn = async (stores: Stores, person: number): Promise<{ readonly shown: string; readonly told: string }> => {
  const words = canariesOf(person).values();
  const next = (): string => words.next().value ?? 'no more';
  const id = personOf(person);
  const sender = { id, username: `person${person}`, displayName: next(), kind: 'person' } as const;
  const number = (at: number) => telegramMessage(person * 1_000 + at);
  const requestedBy = { id, username: `person${person}` };
  let at = 0;
  /** Said in the group, answered by a turn that repeats it; resolves to what was said. */
  const say = async (chatId: ChatId, text: string, more: object = {}): Promise<ReturnType<typeof number>> => {
    const messageId = number(at++);
    const chatKind = chatId === GROUP ? 'group' : 'direct';
    const turn = turnId(`turn-${person}-${at}`);
    const message = { chatId, chatKind, messageId, sender, text, ...more } as const;
    await stores.messages.add(buildRecord(message, { replyKey: `reply-${person}-${at}` }));
    await stores.messages.settle(chatId, [messageId], { kind: 'answered', turnId: turn });
    await stores.turns.add(buildTurn({ id: turn, chatId }));
    await stores.conversations.append([
      buildEntry(text, { chatId, turnId: turn, step: { role: 'person', name: sender.username, text, messageId } }),
      buildEntry('', { chatId, turnId: turn, step: { role: 'agent', text: 'So it is.', toolCalls: [] } }),
    ]);
    return messageId;
  };

  await inMessages({ stores, say, next, person });
  await ofWork({ stores, next, person, id, requestedBy, say });
  const ownSays = await say(GROUP, `I live at ${next()}`);
  await stores.facts.add([
    buildFact({ id: factId(person * 10 + 1), text: next(), saidBy: { id, name: next() }, chatId: directOf(person) }),
    buildFact({ id: factId(person * 10 + 2), text: next(), workspace: 'Railway', saidBy: { id, name: 'p' }, chatId: GROUP }),
  ]);
  await stores.links.save([
    buildLink(`https://example.org/${next()}`, { savedBy: { id, name: next() }, chatId: GROUP, note: next(), messageId: ownSays }),
  ]);
  await repeatedByOthers({ stores, say, next, person });
  const shown = `${next()} is worked on`;
  await say(GROUP, shown);
  const told = next();
  await say(GROUP, `my number is ${told}`);
  await postedAndAnswered(stores, person, told);
  for (const left of words) await say(at % 2 === 0 ? GROUP : directOf(person), `one more: ${left}`);
  return { shown, told };
};

/** What was posted to a receiver, and answered to a program, of others: it repeats what the person said. */
const postedAndAnswered = async ({ webhooks, requestKeys }: Stores, person: number, told: string): Promise<void> => {
  const key = `key-${person}`;
  const draft = buildWebhookDraft(90_000 + person);
  const { fact } = draft;
  await webhooks.listen(true);
  if (fact.type === 'promise.settled')
    await webhooks.add([{ ...draft, fact: { ...fact, promise: { ...fact.promise, description: `Call ${told}` } } }]);
  await requestKeys.claim({ key, request: 'r', once: key, at: START, until: START });
  await requestKeys.answer(key, { status: 200, headers: {}, body: JSON.stringify({ taskDescription: `Call ${told}` }) });
};

/** What others asked for and keep, which repeats what the person said. */
const repeatedByOthers = async ({ stores, say, next, person }: Planting): Promise<void> => {
  const id = personOf((person + 1) % PEOPLE);
  const requestedBy = { id };
  const repeated = async (): Promise<string> => {
    const word = next();
    await say(GROUP, `know that ${word}`);
    return `Of somebody: ${word}`;
  };
  const number = (at: number) => promiseId(1_000 + person * 10 + at);
  const terms = { chatId: GROUP, chatKind: 'group' as const, requestedBy };
  await stores.promises.add([
    buildPromise({ ...terms, id: number(1), description: await repeated() }),
    buildPromise({ ...terms, id: number(2), description: 'call', metadata: { call: { input: await repeated() } } }),
    buildPromise({ ...terms, id: number(3), description: await repeated(), metadata: { words: await repeated() } }),
    buildPromise({ ...terms, id: number(4), description: 'look on' }),
  ]);
  await carryOut(
    stores.promises,
    number(3),
    { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 1_000 },
    { type: 'complete', at: START + 2, workerId: 'w1', attempt: 1, result: 'Done.' },
  );
  await carryOut(stores.promises, number(4), { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 1_000 });
  await stores.promises.noteProgress(number(4), 'w1', { text: await repeated(), at: START + 2 });
  await stores.schedules.add([buildSchedule({ ...terms, id: scheduleId(1_000 + person), description: await repeated() })]);
  const saidBy = { id, name: 'other' };
  await stores.facts.add([buildFact({ id: factId(1_000 + person), text: await repeated(), workspace: 'Railway', saidBy, chatId: GROUP })]);
  const address = `https://example.org/${next()}`;
  await say(GROUP, `look at ${address}`);
  await stores.links.save([
    buildLink(`https://example.org/of-another/${'abcdefghij'[person]}`, { savedBy: saidBy, chatId: GROUP, note: await repeated() }),
    buildLink(address, { savedBy: saidBy, chatId: GROUP }),
  ]);
};

interface Planting {
  readonly stores: Stores;
  readonly next: () => string;
  readonly person: number;
  readonly say: (chatId: ChatId, text: string, more?: object) => Promise<ReturnType<typeof telegramMessage>>;
}

/** In messages themselves, in replies of others, in answers, and in what is made of conversations. */
const inMessages = async ({ stores, say, next, person }: Planting): Promise<void> => {
  const other = (person + 1) % PEOPLE;
  const others = { id: personOf(other), username: `person${other}`, kind: 'person' } as const;
  const first = next();
  const said = await say(GROUP, `I say ${first}`);
  const parts = [{ messageId: said, text: next() }];
  await say(directOf(person), `parts ${parts[0]?.text}`, { parts });
  const files = [{ messageId: said, kind: 'document' as const, path: `inbox/1/${next()}.pdf`, words: `[the file ${next()} is here]` }];
  await say(directOf(person), 'a file', { files });
  const answered = next();
  await stores.outbox.add(
    buildOutboxDraft({
      chatId: GROUP,
      text: `You said ${answered}.`,
      answers: [said],
      dedupeKey: `turn:a${person}`,
      deliveryKey: `a${person}`,
    }),
  );
  // Somebody else replies to it, and the agent tells a third one.
  const quoted = { messageId: said, from: `person${person}`, text: `I say ${first}` };
  const reply = telegramMessage(900_000 + person);
  await stores.messages.add(
    buildRecord(
      { chatId: GROUP, chatKind: 'group', messageId: reply, sender: others, text: 'Is that so?', replyTo: said, replied: quoted },
      { replyKey: `q${person}` },
    ),
  );
  await stores.conversations.append([
    buildEntry('', {
      chatId: GROUP,
      step: { role: 'person', name: others.username, text: 'Is that so?', messageId: reply, replied: quoted },
    }),
    buildEntry('', {
      chatId: GROUP,
      step: { role: 'agent', text: '', toolCalls: [{ id: 'c', tool: 'search_history', input: { query: first } }] },
    }),
    buildEntry('', {
      chatId: GROUP,
      step: { role: 'tool', callId: 'c', tool: 'search_history', output: `found: I say ${first}`, isError: false },
    }),
  ]);
  await stores.outbox.add(
    buildOutboxDraft({
      chatId: directOf(other),
      text: `Somebody said "${first}".`,
      answers: [],
      dedupeKey: `note:${person}`,
      deliveryKey: `n${person}`,
    }),
  );
  const own = { chatId: directOf(person), text: next(), upTo: 1, at: START, model: 'scripted-1' };
  await stores.summaries.put(own, undefined);
  if (person === 0) await stores.summaries.put({ ...own, chatId: GROUP, text: `Ada says ${first}` }, undefined);
};

/** In promises, schedules, approvals and runs. */
const ofWork = async ({
  stores,
  say,
  next,
  person,
  id,
  requestedBy,
}: Planting & { readonly id: UserId; readonly requestedBy: { readonly id: UserId; readonly username: string } }): Promise<void> => {
  const number = promiseId(person * 10 + 1);
  const others = promiseId(person * 10 + 2);
  const asked = await say(GROUP, `please do ${next()}`);
  const result = next();
  const shared = next();
  await say(GROUP, `remember ${shared} for all`);
  const terms = { chatId: GROUP, chatKind: 'group' as const, messageId: asked };
  await stores.promises.add([
    buildPromise({ ...terms, id: number, requestedBy, description: next(), metadata: { call: { input: next() } } }),
    buildPromise({ ...terms, id: others, requestedBy: { id: personOf((person + 1) % PEOPLE) }, description: 'look it up' }),
  ]);
  for (const [each, text] of [[number, result] as const, [others, `It is ${shared}`] as const])
    await carryOut(
      stores.promises,
      each,
      { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 1_000 },
      { type: 'complete', at: START + 2, workerId: 'w1', attempt: 1, result: text },
    );
  await stores.outbox.add(
    buildOutboxDraft({
      chatId: GROUP,
      promiseId: number,
      text: result,
      answers: [],
      dedupeKey: `promise:${number}`,
      deliveryKey: `p${number}`,
    }),
  );
  // It failed with one of theirs, and says which that was.
  const failed = `It failed: it depends on promise #${number} (do ${result.slice(0, 20)}…), which was cancelled`;
  await stores.outbox.add(
    buildOutboxDraft({ chatId: GROUP, text: failed, answers: [], dedupeKey: `child:${number}`, deliveryKey: `f${number}` }),
  );
  await stores.conversations.append([buildEntry('', { chatId: GROUP, step: { role: 'agent', text: result, toolCalls: [] } })]);
  await stores.schedules.add([buildSchedule({ ...terms, id: scheduleId(person + 1), requestedBy, description: next() })]);
  await stores.approvals.add([
    buildApproval({
      id: approvalId(person + 1),
      promiseId: number,
      call: { input: { text: next() }, chatId: GROUP },
      chatKind: 'group',
      requestedBy,
      reason: next(),
      token: String(2_000_000 + person),
    }),
  ]);
  const at = { at: START, durationMs: 5 };
  const output = (text: string) => ({
    ...at,
    kind: 'tool' as const,
    call: 0,
    tool: 'read_file',
    input: { path: text },
    output: text,
    isError: false,
    outcome: 'done' as const,
  });
  const record = (run: ReturnType<typeof buildRun>, text: string) =>
    stores.journal.append({ run, writer: 'w1', from: 0, steps: [output(text)] });
  const bound = [{ chatId: GROUP, messageId: asked, mark: '1' }];
  await record(buildRun(`open-${person}`, { chatId: GROUP, asked: bound }), next());
  await record(buildRun(`work-${person}`, { chatId: GROUP, asked: [], promiseId: number }), next());
  const repeating = runId(`other-${person}`);
  await record(buildRun(repeating, { chatId: GROUP, asked: [] }), `as ${id} said: ${shared}`);
  await stores.journal.end(repeating, START + 9);
};
