import { strict as assert } from 'node:assert';
import { backupName, superfluous } from '../../../src/domain/backup/backup.ts';

describe('Backups', () => {
  it('have names that sort by time, whatever the unique part looks like', () => {
    assert.equal(backupName(Date.UTC(2026, 10, 30, 19, 56, 6), '../-1a2b3c'), 'kept-2026-11-30T19-56-06-1a2b');
  });

  const backups = [3, 1, 2].map((createdAt) => ({ createdAt }));
  const kept: readonly (readonly [keep: number, gone: readonly number[]])[] = [
    [1, [1, 2]],
    [2, [1]],
    [3, []],
    [9, []],
  ];
  for (const [keep, gone] of kept)
    it(`go oldest first beyond the ${keep} newest`, () => {
      assert.deepEqual(
        superfluous(backups, keep).map(({ createdAt }) => createdAt),
        gone,
      );
    });
});
