/** A type of the type language, in the form that the codec needs. */
export interface FieldType {
  /** `int`, `long`, `true`, `#`, `!X`, …, or the name of a boxed type. */
  readonly base: string;
  readonly vector: 'none' | 'boxed' | 'bare';
  /** Whether objects of this type are written without their constructor's number. */
  readonly bare: boolean;
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** The field is present if that bit of that flags field is set. */
  readonly flag?: { readonly field: string; readonly bit: number };
}

export interface Definition {
  readonly name: string;
  readonly id: number;
  readonly fields: readonly Field[];
  readonly result: string;
  readonly isFunction: boolean;
}

export interface Schema {
  readonly layer: number;
  readonly byName: ReadonlyMap<string, Definition>;
  readonly byId: ReadonlyMap<number, Definition>;
}

export const camelCase = (name: string): string => name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());

export const makeSchema = (layer: number, ...parts: readonly (readonly Definition[])[]): Schema => {
  const byName = new Map<string, Definition>();
  const byId = new Map<number, Definition>();
  for (const definition of parts.flat()) {
    if (byId.has(definition.id)) continue;
    byId.set(definition.id, definition);
    byName.set(definition.name, definition);
  }
  return { layer, byName, byId };
};

const LINE = /^([\w.]+)#([0-9a-f]+) ?(.*?) ?= ?([^;]+);$/;
const FIELD = /^(\w+):(?:(\w+)\.(\d+)\?)?(.+)$/;

const parseType = (text: string): FieldType => {
  const vector = /^([vV])ector<(.+)>$/.exec(text);
  const base = vector?.[2] ?? text;
  const bare = base.startsWith('%');
  return { base: bare ? base.slice(1) : base, bare, vector: vector ? (vector[1] === 'V' ? 'boxed' : 'bare') : 'none' };
};

const parseField = (text: string): Field => {
  const [, name, flags, bit, type] = FIELD.exec(text) ?? [];
  if (name === undefined || type === undefined) throw new Error(`no field: ${text}`);
  return { name: camelCase(name), type: parseType(type), ...(flags ? { flag: { field: camelCase(flags), bit: Number(bit) } } : {}) };
};

/** Reads a schema text: one definition a line, functions after `---functions---`. */
export const parseSchemaText = (text: string): readonly Definition[] => {
  let isFunction = false;
  const definitions: Definition[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '---functions---') isFunction = true;
    else if (line !== '') {
      const [, name, id, fields, result] = LINE.exec(line) ?? [];
      if (name === undefined || id === undefined || result === undefined) throw new Error(`no definition: ${line}`);
      definitions.push({
        name,
        id: Number.parseInt(id, 16),
        fields: (fields ?? '').split(' ').filter(Boolean).map(parseField),
        result,
        isFunction,
      });
    }
  }
  return definitions;
};
