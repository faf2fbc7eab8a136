import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openPostgresEngine } from '../../../src/adapters/postgres/index.ts';
import { systemClock } from '../../../src/adapters/system/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { engineContract } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';
import { administer, freshDatabase } from '../../support/postgres.ts';

certify('Engine: postgres', engineContract, async () => {
  const { url, drop } = await freshDatabase();
  const subject = await openPostgresEngine({ url, clock: systemClock });
  return {
    subject,
    close: async () => {
      await subject.close();
      await drop();
    },
  };
});

const CONNECTIONS = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;

describe('The PostgreSQL engine', () => {
  it('keeps no connection if its job queue cannot be opened, and names no password', async () => {
    const { url, drop } = await freshDatabase();
    try {
      await administer(url, async (client) => {
        await client.query('ALTER TABLE pgboss.queue RENAME TO elsewhere');
        const refused: unknown = await openPostgresEngine({ url, clock: systemClock }).catch((error: unknown) => error);
        expect(isPortError(refused) && refused.code).to.equal('unavailable');
        expect(String(refused))
          .to.match(/job queue/)
          .and.not.include(new URL(url).password || 'no password');
        while ((await client.query(CONNECTIONS)).rows.length > 0);
      });
    } finally {
      await drop();
    }
  });
});
