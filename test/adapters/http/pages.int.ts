import { expect } from 'chai';
import fc from 'fast-check';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { localChatId } from '../../../src/domain/index.ts';
import { buildRecord, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

/** Each list: where it is, under which name its items come, and what tells one from another. */
const LISTS = [
  ['/promises', 'promises', 'id'],
  ['/promises?status=pending,failed&chatId=local:1', 'promises', 'id'],
  ['/schedules?all=true', 'schedules', 'id'],
  ['/approvals', 'approvals', 'id'],
  ['/audit', 'rows', 'seq'],
  ['/audit?after=2', 'rows', 'seq'],
  ['/audit?after=1&before=7', 'rows', 'seq'],
  ['/inbox?verdict=open', 'messages', 'messageId'],
  ['/chat/messages', 'messages', 'sequence'],
  ['/chat/messages?after=2', 'messages', 'sequence'],
] as const;

describe('HTTP: pages of lists', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  const openFilled = async () => {
    const scripted = makeScriptedApi();
    for (let n = 1; n <= 9; n++) {
      scripted.promise(`task ${n}`, n % 4 === 0 ? { chatId: localChatId(2) } : {});
      scripted.schedule(`every day ${n}`);
      await scripted.approval();
      await scripted.say(`message ${n}`);
    }
    scripted.api.readAudit = async ({ after = 0, before = 99, newestFirst, limit }) => {
      const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((seq) => seq > after && seq < before);
      return (newestFirst ? rows.reverse() : rows)
        .slice(0, limit)
        .map((seq) => ({ seq, at: 0, kind: 'asked', actor: 'operator', facts: {}, hash: 'a', previous: 'b' }) as const);
    };
    const { messages } = makeMemoryStorage().stores;
    for (let n = 1; n <= 9; n++) await messages.add(buildRecord({ chatId: telegramChat(501 + (n % 2)), messageId: telegramMessage(n) }));
    scripted.api.listInbox = (query) => messages.newest(query);
    return open({}, scripted);
  };

  for (const [path, name, key] of LISTS)
    it(`of ${path} hold together what the whole list holds, whatever their length`, async () => {
      const { ask } = await openFilled();
      const whole = (await ask('GET', `/api/v1${path}`)).body;
      expect(whole[name].length).to.be.greaterThan(3);
      expect(whole).to.not.have.property('next');
      const keys = (items: Record<string, unknown>[]) => items.map((item) => item[key]);
      // Without `after`, messages go back: each page is earlier than the one before it.
      const back = path === '/chat/messages';
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 20, maxLength: 20 }), async (lengths) => {
          const seen: unknown[] = [];
          let cursor = '';
          for (const limit of lengths) {
            const { body } = await ask('GET', `/api/v1${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`);
            const page = keys(body[name]);
            expect(page.length).to.be.within(1, limit);
            if (back) seen.unshift(...page);
            else seen.push(...page);
            if (body.next === undefined) break;
            expect(page).to.have.length(limit);
            cursor = `&cursor=${body.next}`;
          }
          expect(seen).to.deep.equal(keys(whole[name]));
        }),
        { numRuns: 5 },
      );
    });

  it('go on behind what was shown, though newer items have come', async () => {
    const { ask, promise } = await openFilled();
    const { body } = await ask('GET', '/api/v1/promises?limit=3');
    promise('a later one');
    const { promises } = (await ask('GET', `/api/v1/promises?limit=3&cursor=${body.next}`)).body;
    expect(promises.map(({ id }: { id: number }) => id)).to.deep.equal([6, 5, 4]);
  });

  it('are refused with a cursor that is none, or that of another list', async () => {
    const { ask } = await openFilled();
    const { next } = (await ask('GET', '/api/v1/schedules?limit=1')).body;
    const odd = Buffer.from('["promises",{"a":1}]').toString('base64url');
    for (const cursor of [next, 'x', '', odd, `${next}a`, '%00']) {
      const { status, body } = await ask('GET', `/api/v1/promises?cursor=${cursor}`);
      expect([status, body.error.message]).to.deep.equal([400, 'cursor: must be the `next` of an earlier page of this list']);
    }
  });
});
