interface Asking {
  readonly signal: AbortSignal;
}

/**
 * Reads the databases of workspaces, such as Notion's, and changes nothing. A database is named by its id as the
 * configuration has it.
 *
 * Every method MUST stay within the databases that it is given, whatever names, ids or addresses a model passes on;
 * what belongs to another one is `not-found`, like what does not exist. MUST end soon after `signal` aborts, and each
 * request within its own time whatever the other side does. MUST reject with PortError, in words that hold no key: what
 * the service refuses (an unknown property, a filter of the wrong type) is `invalid-request` in the service's own
 * words.
 */
export interface WorkspaceDatabase {
  /** The data sources of a database, with their properties. */
  describe(database: string, options: Asking): Promise<DatabaseDescription>;
  /** One page of the entries of one data source. MUST give at most `limit` of them. */
  query(database: string, query: EntriesQuery, options: Asking): Promise<EntriesPage>;
  /** A page that is an entry of one of the databases, or that stands somewhere below one, as Markdown. */
  read(databases: readonly string[], page: string, options: Asking): Promise<DatabasePage>;
}

export interface DatabaseDescription {
  readonly title: string;
  readonly sources: readonly DataSource[];
}

/** A table of a database. Most databases have one. */
export interface DataSource {
  readonly name: string;
  readonly properties: readonly DataProperty[];
}

export interface DataProperty {
  readonly name: string;
  /** As the service calls it: `status`, `date`, `multi_select`. */
  readonly type: string;
  /** The values that it may have. Absent: any. */
  readonly options?: readonly string[];
}

export interface EntriesQuery {
  /** Name of the data source, case aside. May be absent where the database has only one. */
  readonly source?: string;
  /** In the service's own form. */
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly sorts?: readonly EntriesSort[];
  /** 1 to 50. */
  readonly limit: number;
  /** Where the page before ended. */
  readonly cursor?: string;
}

export interface EntriesSort {
  /** A property, or `created_time` or `last_edited_time`. */
  readonly property: string;
  readonly direction: 'ascending' | 'descending';
}

export interface EntriesPage {
  /** Name of the data source. */
  readonly source: string;
  readonly entries: readonly DatabaseEntry[];
  /** Where the next page begins. Absent: this is the last one. */
  readonly nextCursor?: string;
  /** The service gave up at its own limit: further entries exist that no page shows. */
  readonly incomplete: boolean;
}

export interface DatabaseEntry {
  /** Empty where the entry has none. */
  readonly title: string;
  readonly status?: string;
  readonly url: string;
  /** The other properties that have a value, in plain words. */
  readonly properties: readonly { readonly name: string; readonly value: string }[];
}

export interface DatabasePage extends DatabaseEntry {
  readonly markdown: string;
  /** The service left a part out. */
  readonly truncated: boolean;
}
