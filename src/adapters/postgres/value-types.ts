import pg from 'pg';

/** Counts and sums are whole numbers far below 2^53. By default `pg` returns them as texts. */
export const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC
      ? Number
      : format === 'binary'
        ? pg.types.getTypeParser(oid, format)
        : pg.types.getTypeParser(oid)) as typeof pg.types.getTypeParser,
};
