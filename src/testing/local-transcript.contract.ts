import { strict as assert } from 'node:assert';
import { localChatId } from '../domain/index.ts';
import type { LocalTranscript, Storage, TranscriptMessage } from '../ports/index.ts';
import { START } from './builders.ts';
import type { Contract } from './contract.ts';
import { localMessage } from './ids.ts';
import { wider } from './wider.ts';

type Post = Parameters<LocalTranscript['post']>[0];

const chat = localChatId(1);
const post = (randomId: string, overrides: Partial<Post> = {}): Post => ({
  chatId: chat,
  from: 'operator',
  text: `text ${randomId}`,
  answers: [],
  at: START,
  randomId,
  ...overrides,
});
const textsOf = (messages: readonly TranscriptMessage[]) => messages.map(({ text }) => text);

/** The law of `LocalTranscript`. */
export const localTranscriptContract: Contract<Storage> = {
  'returns a posted message with its number, and lists it so': async ({ transcript }) => {
    const question = await transcript.post(post('11'));
    const { randomId: _, ...asked } = post('11');
    assert.deepEqual(question, { ...asked, messageId: localMessage(question.sequence), sequence: question.sequence });
    const reply = {
      from: 'agent',
      text: 'À 9 h 41 🚂',
      replyTo: question.messageId,
      answers: [question.messageId],
      at: START + 1,
      buttons: [{ label: 'Approve', data: 'a:1' }],
    } as const;
    const answer = await transcript.post(post('-12', reply));
    assert.deepEqual(answer, { chatId: chat, ...reply, messageId: answer.messageId, sequence: answer.sequence });
    assert.deepEqual(await transcript.list(chat, 0, 10), [question, answer]);
    assert.deepEqual(await transcript.get(chat, answer.messageId), answer);
    assert.equal(await transcript.get(localChatId(2), answer.messageId), undefined);
    assert.equal(await transcript.get(chat, localMessage(99)), undefined);
  },

  'stores the fields of a message, and nothing that its object holds beside': async ({ transcript }) => {
    const posted = await transcript.post(wider(post('11')));
    const { randomId: _, ...asked } = post('11');
    assert.deepEqual(posted, { ...asked, messageId: posted.messageId, sequence: posted.sequence });
    assert.deepEqual(await transcript.list(chat, 0, 10), [posted]);
  },

  'numbers the messages of a chat in the order of posting': async ({ transcript }) => {
    const posted: number[] = [];
    for (const id of ['5', '4', '3']) posted.push((await transcript.post(post(id))).sequence);
    assert.deepEqual(
      posted,
      [...new Set(posted)].toSorted((a, b) => a - b),
    );
  },

  'gives 50 parallel posts 50 numbers, and loses none': async ({ transcript }) => {
    const posted = await Promise.all(Array.from({ length: 50 }, (_, i) => transcript.post(post(`${i + 1}`))));
    assert.deepEqual(
      await transcript.list(chat, 0, 100),
      posted.toSorted((a, b) => a.sequence - b.sequence),
    );
    assert.equal(new Set(posted.map(({ messageId }) => messageId)).size, 50);
  },

  'posts once in a chat for each random id: repeats resolve to the first message': async ({ transcript }) => {
    const first = await transcript.post(post('77'));
    await transcript.post(post('78'));
    assert.deepEqual(await transcript.post(post('77', { text: 'changed', from: 'agent', at: START + 9 })), first);
    assert.equal((await transcript.list(chat, 0, 10)).length, 2);
    const elsewhere = await transcript.post(post('77', { chatId: localChatId(2), text: 'another chat' }));
    assert.equal(elsewhere.text, 'another chat');
  },

  'makes one message of 20 parallel posts with one random id': async ({ transcript }) => {
    const posted = await Promise.all(Array.from({ length: 20 }, (_, i) => transcript.post(post('77', { text: `copy ${i}` }))));
    const listed = await transcript.list(chat, 0, 100);
    assert.equal(listed.length, 1);
    for (const message of posted) assert.deepEqual(message, listed[0]);
  },

  'lists the messages of a chat above `after`, lowest first, up to the limit': async ({ transcript }) => {
    const posted: TranscriptMessage[] = [];
    for (const id of ['1', '2', '3', '4']) {
      posted.push(await transcript.post(post(id)));
      await transcript.post(post(id, { chatId: localChatId(2) }));
    }
    const [, second, third] = posted as [TranscriptMessage, TranscriptMessage, TranscriptMessage, TranscriptMessage];
    assert.deepEqual(await transcript.list(chat, second.sequence, 10), posted.slice(2));
    assert.deepEqual(await transcript.list(chat, second.sequence, 1), [third]);
    assert.deepEqual(await transcript.list(localChatId(3), 0, 10), []);
  },

  'lists the latest messages of a chat, lowest first': async ({ transcript }) => {
    const posted: TranscriptMessage[] = [];
    for (const id of ['1', '2', '3']) {
      posted.push(await transcript.post(post(id)));
      await transcript.post(post(id, { chatId: localChatId(2) }));
    }
    assert.deepEqual(await transcript.latest(chat, 2), posted.slice(1));
    assert.deepEqual(await transcript.latest(chat, 10), posted);
    const [first, second, third] = posted;
    assert.deepEqual(await transcript.latest(chat, 1, third?.sequence), [second]);
    assert.deepEqual(await transcript.latest(chat, 10, third?.sequence), [first, second]);
    assert.deepEqual(await transcript.latest(chat, 10, first?.sequence), []);
    assert.deepEqual(await transcript.latest(localChatId(3), 10), []);
  },

  "lists the operator's unreceived messages of all chats in the order in which they came": async ({ transcript }) => {
    for (const [id, chat, from] of [
      ['1', 2, 'operator'],
      ['2', 1, 'operator'],
      ['3', 2, 'agent'],
      ['4', 2, 'operator'],
      ['5', 1, 'operator'],
    ] as const)
      await transcript.post(post(id, { chatId: localChatId(chat), from, at: START - Number(id) }));
    assert.deepEqual(textsOf(await transcript.unreceived(10)), ['text 1', 'text 2', 'text 4', 'text 5']);
    assert.deepEqual(textsOf(await transcript.unreceived(2)), ['text 1', 'text 2']);
  },

  'keeps a message in the list after it is marked as received': async ({ transcript }) => {
    const first = await transcript.post(post('1'));
    const elsewhere = await transcript.post(post('1', { chatId: localChatId(2) }));
    const second = await transcript.post(post('2'));
    await transcript.markReceived(chat, first.messageId);
    assert.deepEqual(await transcript.unreceived(10), [elsewhere, second]);
    await transcript.post(post('1'));
    assert.deepEqual(await transcript.unreceived(10), [elsewhere, second]);
    assert.deepEqual(await transcript.list(chat, 0, 10), [first, second]);
  },
};
