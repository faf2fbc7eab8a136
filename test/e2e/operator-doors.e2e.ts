import { expect } from 'chai';
import { type AgentPromise, promiseId } from '../../src/domain/index.ts';
import { buildPromise } from '../../src/testing/index.ts';
import { expectedOf, PERSONS, type PersonName, PLACES, placeOf } from '../domain/rights/rights-table.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { openStorage } from '../support/sqlite-storage.ts';

/** Who else than the operator asks for something in each place. */
const ASKERS: readonly PersonName[] = ['owner by people', 'unnamed member', 'guest', 'stranger'];
/** A promise of each of them in each place; where they are not let in, one from before they were shut out. */
const PROMISES: readonly AgentPromise[] = PLACES.flatMap((place) =>
  ASKERS.map((name) => {
    const { id: chatId, kind: chatKind } = placeOf(place, PERSONS[name]);
    return { chatId, chatKind, requestedBy: { id: PERSONS[name].id } };
  }),
).map((terms, i) => buildPromise({ id: promiseId(i + 1), ...terms }));
const IDS = PROMISES.map(({ id }) => id);
const TOKEN = 'correct-horse-battery-staple-4711';

describe('The doors of the operator', function () {
  this.timeout(60_000);
  let site: Site;
  let kept: KeptProcess;
  before(async () => {
    site = await makeSite({ KEPT_MODELS: 'rehearsal', KEPT_API_TOKEN: TOKEN });
    kept = await startKept(site, 'bot');
    const storage = await openStorage(site.database);
    await storage.unitOfWork.run(({ promises }) => promises.add(PROMISES));
    await storage.close();
  });
  after(async () => {
    await kept?.stop();
    await site?.remove();
  });

  /** The states that the promises are in now. */
  const statuses = async (): Promise<Set<string>> => {
    const storage = await openStorage(site.database);
    try {
      return new Set((await storage.stores.promises.getMany(IDS)).map(({ status }) => status));
    } finally {
      await storage.close();
    }
  };

  it('are those of whom the table allows everything', () => {
    for (const place of PLACES)
      for (const deed of ['cancel-others', 'retry-others', 'approve', 'standing', 'usage'])
        expect(expectedOf('operator', place, deed).allowed).to.equal(true);
  });

  it('HTTP: with the token, whoever asked and wherever; without it, nothing', async () => {
    const all = async (command: 'cancel' | 'retry', headers: Record<string, string>): Promise<Set<number>> => {
      const asked = IDS.map(async (id) => {
        const response = await fetch(`${kept.url}/api/promises/${id}/${command}`, { method: 'POST', headers });
        await response.arrayBuffer();
        return response.status;
      });
      return new Set(await Promise.all(asked));
    };
    expect(await all('cancel', {})).to.not.include(200);
    expect(await all('cancel', { authorization: 'Bearer wrong' })).to.not.include(200);
    expect(await statuses()).to.deep.equal(new Set(['pending']));
    const authorization = `Bearer ${TOKEN}`;
    expect(await all('cancel', { authorization })).to.deep.equal(new Set([200]));
    expect(await statuses()).to.deep.equal(new Set(['cancelled']));
    expect(await all('retry', { authorization })).to.deep.equal(new Set([200]));
    expect(await statuses()).to.deep.equal(new Set(['pending']));
  });

  it('command line: whoever asked and wherever', async () => {
    for (const [command, left] of [
      ['cancel', 'cancelled'],
      ['retry', 'pending'],
    ] as const) {
      const { code, stderr } = await runKept(site, ['promises', command, ...IDS.map(String), '--json']);
      expect(code, stderr).to.equal(0);
      expect(await statuses()).to.deep.equal(new Set([left]));
    }
  });
});
