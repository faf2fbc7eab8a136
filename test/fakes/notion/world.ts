import { randomUUID } from 'node:crypto';

/** What a property is, as a data source says it. */
export type PropertyConfig =
  | { readonly type: 'select' | 'multi_select' | 'status'; readonly options: readonly string[] }
  | { readonly type: Exclude<PropertyType, 'select' | 'multi_select' | 'status'> };

export type PropertyType =
  | 'title'
  | 'rich_text'
  | 'number'
  | 'select'
  | 'multi_select'
  | 'status'
  | 'date'
  | 'people'
  | 'files'
  | 'checkbox'
  | 'url'
  | 'email'
  | 'phone_number'
  | 'formula'
  | 'relation'
  | 'rollup'
  | 'created_time'
  | 'created_by'
  | 'last_edited_time'
  | 'last_edited_by'
  | 'unique_id'
  | 'button'
  | 'verification'
  | 'place';

export type Parent =
  | { readonly type: 'data_source_id'; readonly data_source_id: string; readonly database_id: string }
  | { readonly type: 'database_id'; readonly database_id: string }
  | { readonly type: 'page_id'; readonly page_id: string }
  | { readonly type: 'block_id'; readonly block_id: string }
  | { readonly type: 'workspace'; readonly workspace: true };

export interface Database {
  readonly id: string;
  readonly title: string;
  readonly parent: Parent;
  readonly sources: readonly string[];
  /** Whether the integration was given access. */
  readonly isShared: boolean;
}
export interface Source {
  readonly id: string;
  readonly name: string;
  readonly database: string;
  readonly properties: Readonly<Record<string, PropertyConfig>>;
}
export interface Page {
  readonly id: string;
  readonly parent: Parent;
  readonly url: string;
  readonly properties: Readonly<Record<string, Value>>;
  readonly markdown: string;
  readonly isTruncated: boolean;
  readonly isShared: boolean;
  isInTrash: boolean;
}
/** As the API writes a value: `type` and the value under its type's name. */
export type Value = { readonly id: string; readonly type: PropertyType } & Readonly<Record<string, unknown>>;

const TOP: Parent = { type: 'workspace', workspace: true };

/** What an account of Notion holds. */
export const makeWorld = () => {
  const databases = new Map<string, Database>();
  const sources = new Map<string, Source>();
  const pages = new Map<string, Page>();
  const blocks = new Map<string, { readonly id: string; readonly parent: Parent }>();

  const addDatabase = (
    title: string,
    tables: Readonly<Record<string, Readonly<Record<string, PropertyConfig>>>>,
    { parent = TOP, isShared = true }: { readonly parent?: Parent; readonly isShared?: boolean } = {},
  ): Database => {
    const id = randomUUID();
    const made = Object.entries(tables).map(([name, properties]): Source => ({ id: randomUUID(), name, database: id, properties }));
    for (const source of made) sources.set(source.id, source);
    const database = { id, title, parent, sources: made.map((source) => source.id), isShared };
    databases.set(id, database);
    return database;
  };

  const addPage = (parent: Parent, title: string, given: Partial<Omit<Page, 'id' | 'parent'>> = {}): Page => {
    const id = randomUUID();
    const page: Page = {
      id,
      parent,
      url: `https://www.notion.so/${title.replace(/\W+/g, '-')}-${id.replaceAll('-', '')}`,
      markdown: '',
      isTruncated: false,
      isShared: true,
      isInTrash: false,
      ...given,
      properties: { Name: value('title', [richText(title)]), ...given.properties },
    };
    pages.set(id, page);
    return page;
  };

  return {
    databases,
    sources,
    pages,
    blocks,
    addDatabase,
    addPage,
    /** An entry of a data source, the first one of the database where none is named. */
    addEntry(database: Database, title: string, given: Partial<Omit<Page, 'id' | 'parent'>> & { readonly source?: string } = {}): Page {
      const { source: named, ...page } = given;
      const source = database.sources.find((id) => named === undefined || sources.get(id)?.name === named);
      if (source === undefined) throw new Error(`no data source ${named}`);
      return addPage({ type: 'data_source_id', data_source_id: source, database_id: database.id }, title, page);
    },
    addBlock(parent: Parent): string {
      const id = randomUUID();
      blocks.set(id, { id, parent });
      return id;
    },
  };
};
export type World = ReturnType<typeof makeWorld>;

export const richText = (plain: string) => ({
  type: 'text',
  text: { content: plain, link: null },
  annotations: { bold: false, italic: false, strikethrough: false, underline: false, code: false, color: 'default' },
  plain_text: plain,
  href: null,
});

export const value = (type: PropertyType, content: unknown): Value => ({ id: 'abcd', type, [type]: content });
export const option = (name: string) => ({ id: name.toLowerCase().replace(/\W+/g, '-'), name, color: 'default' });
export const status = (name: string): Value => value('status', option(name));
