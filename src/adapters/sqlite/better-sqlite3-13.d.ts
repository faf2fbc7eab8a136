/** The part of better-sqlite3 that Kept uses. The package brings no types of its own. */
declare module 'better-sqlite3-13' {
  export default class Database {
    constructor(path: string, options?: { readonly timeout?: number; readonly readonly?: boolean; readonly fileMustExist?: boolean });
    exec(sql: string): this;
    prepare(sql: string): {
      all(...params: readonly unknown[]): readonly unknown[];
      get(...params: readonly unknown[]): unknown;
      run(...params: readonly unknown[]): unknown;
      pluck(): { get(): unknown };
    };
    pragma(sql: string, options?: { readonly simple?: boolean }): unknown;
    close(): this;
  }
}
