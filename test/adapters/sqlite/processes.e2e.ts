import { expect } from 'chai';
import { describe, it } from 'mocha';
import { promiseId } from '../../../src/domain/index.ts';
import { telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { startWorker } from '../../support/sqlite-process.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

const TOTAL = 1_000;

const inDatabase = <T>(use: (path: string) => Promise<T>): Promise<T> => inDirectory((dir) => use(`${dir}/system.db`));

describe('SQLite storage shared by processes', function () {
  this.timeout(60_000);

  it('creates its tables once when four processes open it at the same moment', () =>
    inDatabase(async (path) => {
      await Promise.all([1, 2, 3, 4].map(() => startWorker('open', path).ended()));
      const storage = await openStorage(path);
      expect((await storage.stores.promises.stats()).pending).to.equal(0);
      await storage.close();
    }));

  it('completes 1,000 promises once each, without lock errors, while one process adds, two claim and one reads', () =>
    inDatabase(async (path) => {
      const adder = startWorker('add', path, TOTAL);
      const claimers = [startWorker('claim', path), startWorker('claim', path)];
      const reader = startWorker('read', path);
      const completed = () => claimers.flatMap(({ told }) => told.flatMap(({ completed: ids = [] }) => ids as number[]));
      await Promise.all([adder.ended(), ...claimers.map((claimer) => claimer.until(() => completed().length >= TOTAL))]);
      for (const { child } of [...claimers, reader]) child.send('stop');
      await Promise.all([...claimers, reader].map((worker) => worker.ended()));
      expect(completed()).to.have.length(TOTAL);
      expect(new Set(completed()).size).to.equal(TOTAL);
      const storage = await openStorage(path);
      const stats = await storage.stores.promises.stats();
      expect(stats).to.include({ completed: TOTAL, pending: 0, in_progress: 0 });
      for (const promise of await storage.stores.promises.find({ limit: TOTAL })) expect(promise).to.include({ attempts: 1, version: 2 });
      await storage.close();
    }));

  it('keeps every acknowledged turn of a killed writer, and any other turn whole or not at all', () =>
    inDatabase(async (path) => {
      for (let round = 0; round < 3; round++) {
        const file = `${path}.${round}`;
        const writer = startWorker('turns', file);
        await writer.until(() => writer.told.length > 60 + round * 17);
        writer.child.kill('SIGKILL');
        await writer.ended('SIGKILL');
        const acknowledged = writer.told.flatMap(({ acknowledged: id }) => (id === undefined ? [] : [Number(id)]));
        const storage = await openStorage(file);
        const last = Math.max(...acknowledged) + 100;
        for (let id = 1; id <= last; id++) {
          const record = await storage.stores.messages.get(telegramChat(501), telegramMessage(id));
          const promise = await storage.stores.promises.get(promiseId(id));
          if (acknowledged.includes(id)) expect(record, `turn ${id}`).to.not.equal(undefined);
          expect(record !== undefined, `turn ${id} is whole or absent`).to.equal(promise !== undefined);
          if (record) expect(record.verdict?.kind).to.equal('remembered');
        }
        await storage.close();
      }
    }));
});
