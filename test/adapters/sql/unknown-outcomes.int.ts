import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { approvalId, promiseId, unknownActsNote } from '../../../src/domain/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { telegramChat } from '../../../src/testing/index.ts';
import { formerPostgres, formerSqlite } from '../../support/former-database.ts';
import { postgresServer } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

/** The last migration in which a sentence said that a call may have happened. */
const FORMER = 'CostsOfApprovals1764806481000';
const CHAT = String(telegramChat(501));

const approval = (id: number, status: string, outcome: string): string =>
  `INSERT INTO approvals (id, chat_id, chat_kind, promise_id, tool, input, directory, digest, agent, requested_by, labels, reason, token,
    asked_at, expires_at, status, decided_at, decided_by, ended_at, outcome)
    VALUES (${id}, '${CHAT}', 'direct', 1, 'send', '{}', '/srv', 'd${id}', 'researcher', '{"id":"telegram:501"}', '[]', 'It acts.', 't${id}',
    1, 2, '${status}', 1, 'operator', 2, '${outcome}')`;
const step = (seq: number, outcome: string, output: string): string => {
  const body = {
    kind: 'tool',
    at: 1,
    durationMs: 1,
    call: seq,
    tool: `t${seq}`,
    effect: 'acts',
    input: {},
    output,
    isError: true,
    outcome,
  };
  return `INSERT INTO run_steps (run_id, seq, writer, kind, at, duration_ms, tool, effect, outcome, body)
    VALUES ('r1', ${seq}, 'w', 'tool', 1, 1, 't${seq}', 'acts', '${outcome}', '${JSON.stringify(body)}')`;
};
const ROWS = [
  approval(1, 'failed', 'It may have happened. Whether it took effect is not known, and it was not run again.'),
  approval(2, 'failed', 'no route'),
  approval(3, 'done', 'It may have happened. So it says.'),
  `INSERT INTO runs (id, chat_id, promise_id, agent, started_at, asked, counted) VALUES ('r1', '${CHAT}', 1, 'researcher', 1, '[]', 0)`,
  step(0, 'unknown', 'The process ended while t0 ran. Whether it took effect is not known, and it was not run again.'),
  step(1, 'unknown', 'No answer.'),
  step(2, 'done', 'The process ended while t2 ran.'),
];

const expectFields = async ({ stores }: Pick<Storage, 'stores'>): Promise<void> => {
  const found = await Promise.all([1, 2, 3].map((id) => stores.approvals.get(approvalId(id))));
  expect(found.map((each) => each?.isUnknown)).to.deep.equal([true, undefined, undefined]);
  const steps = (await stores.journal.ofPromise(promiseId(1), 1)).flatMap((run) => run.steps);
  expect(steps.map((each) => each.kind === 'tool' && each.isInterrupted)).to.deep.equal([true, undefined, undefined]);
  expect(unknownActsNote(steps)).to.match(/interrupted while it ran t0\. .* no answer of t1 that/);
};

describe('What was stored before it had a field that a call may have happened', function () {
  this.timeout(60_000);

  it('means the same in SQLite', () =>
    inDirectory(async (dir) => {
      await formerSqlite(`${dir}/system.db`, FORMER, ROWS);
      const storage = await openStorage(`${dir}/system.db`);
      await expectFields(storage);
      // Meanwhile a process of the version before goes on.
      const former = new Database(`${dir}/system.db`);
      former.exec(approval(4, 'failed', 'It may have happened. Whether it took effect is not known.'));
      former.close();
      expect(await storage.stores.approvals.get(approvalId(4))).to.include({ isUnknown: true });
      await storage.stores.approvals.update([approvalId(4)], (stored) => ({ ...stored, isUnknown: undefined }) as never);
      expect(await storage.stores.approvals.get(approvalId(4))).not.to.have.property('isUnknown');
      await storage.close();
    }));

  it('means the same in PostgreSQL', async () => {
    const { url, drop } = await formerPostgres(await postgresServer(), FORMER, ROWS);
    const storage = await openPostgresStorage({ url });
    await expectFields(storage);
    await storage.close();
    await drop();
  });
});
