import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type pg from 'pg';
import { checkOut } from '../../../src/adapters/postgres/transaction.ts';

type HandOver = (error: Error | undefined, client: pg.PoolClient | undefined, release: () => void) => void;

describe('A connection of PostgreSQL that one transaction has to itself', () => {
  /** Hands the connection over as `pg` does: in the middle of what the server has sent. */
  const poolThat = (sendsBehind: (client: EventEmitter) => void) => {
    const released: unknown[] = [];
    const client = Object.assign(new EventEmitter(), { release: (isBroken: unknown) => void released.push(isBroken) });
    const connect = (handOver: HandOver): void => {
      handOver(undefined, client as unknown as pg.PoolClient, () => undefined);
      sendsBehind(client);
    };
    return { pool: { connect } as unknown as Pick<pg.Pool, 'connect'>, client, released };
  };

  it('is lost, and ends nobody, where the server ends it in the same breath', async () => {
    const reason = new Error('terminating connection due to administrator command');
    const { pool, client, released } = poolThat((each) => each.emit('error', reason));
    const connection = await checkOut(pool);
    expect(connection.lost()).to.equal(reason);
    connection.release(true);
    expect(released).to.deep.equal([true]);
    expect(client.listenerCount('error'), 'the pool hears it from then on').to.equal(0);
  });

  it('is none where the pool has none', async () => {
    const refused = new Error('too many connections');
    const connect = (handOver: HandOver): void => handOver(refused, undefined, () => undefined);
    const outcome = await checkOut({ connect } as unknown as Pick<pg.Pool, 'connect'>).catch((error: unknown) => error);
    expect(outcome).to.equal(refused);
  });
});
