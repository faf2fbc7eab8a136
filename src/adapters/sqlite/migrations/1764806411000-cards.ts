import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class Cards1764806411000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'approvals keep what their card shows';

  async up(runner: QueryRunner): Promise<void> {
    // What the card of the approval shows, as a status. A card begins by asking.
    await runner.query(`ALTER TABLE approvals ADD COLUMN card_shows TEXT NOT NULL DEFAULT 'asked'`);
    await runner.query('CREATE INDEX approvals_card_behind ON approvals (id) WHERE card_shows <> status');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX approvals_card_behind');
    await runner.query('ALTER TABLE approvals DROP COLUMN card_shows');
  }
}
