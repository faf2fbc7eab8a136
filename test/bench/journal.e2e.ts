import { expect } from 'chai';
import { measureJournal } from '../../bench/journal.ts';
import { ENGINE_KEYS, withEngines } from '../../bench/promises/engines.ts';
import { makePlaces } from '../../bench/promises/places.ts';
import { postgresServer } from '../support/postgres.ts';

describe('The benchmark of the journal', () => {
  for (const key of ENGINE_KEYS)
    it(`${key}: a step with tools appends twice, and a run without a journal never`, async () => {
      const places = makePlaces(await postgresServer());
      const { withoutMs, withMs, ratio, appends } = await withEngines(places, key, { fresh: 1 }, ([engine]) => {
        if (!engine) throw new Error('there is no engine');
        return measureJournal(engine, { rounds: 1, steps: 3, chats: 2, replyMs: 0 });
      });
      expect(appends).to.equal(2);
      expect(Math.min(withoutMs, withMs, ratio)).to.be.above(0);
    });
});
