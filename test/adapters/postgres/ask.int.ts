import { strict as assert } from 'node:assert';
import { expect } from 'chai';
import { timeOfPostgres } from '../../../src/adapters/postgres/index.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { postgresServer } from '../../support/postgres.ts';

describe('A question to PostgreSQL over a connection of its own', function () {
  this.timeout(60_000);

  it('tells what time it is', async () => {
    const url = (await postgresServer()).urlOf('postgres');
    const told = await timeOfPostgres({ url, bindsChannel: true }, 5_000, new AbortController().signal);
    expect(Math.abs(told - Date.now())).to.be.lessThan(2_000);
  });

  it('ends once it is told to, where nobody answers, and names no password', async () => {
    const hole = await openBlackHole(1);
    try {
      hole.swallow();
      const told = new AbortController();
      const asked = timeOfPostgres({ url: `postgres://u:secret@127.0.0.1:${hole.port}/x` }, 60_000, told.signal);
      told.abort();
      await assert.rejects(asked, ({ message }: Error) => !message.includes('secret'));
    } finally {
      hole.close();
    }
  });
});
