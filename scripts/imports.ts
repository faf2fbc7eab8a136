import { type Node, parseSync, Visitor } from 'oxc-parser';

/** One module that a file names, in whatever form: `specifier` is undefined where it is computed and can't be known. */
export interface Reference {
  readonly specifier: string | undefined;
  readonly line: number;
  /** Loaded when that line is reached, not with the file: an `import(…)` that is no type. */
  readonly isLazy: boolean;
}

/** One use of a global that the pure layers must get through a port. */
export interface Use {
  readonly name: string;
  readonly line: number;
}

export interface SourceFacts {
  readonly references: readonly Reference[];
  readonly uses: readonly Use[];
  readonly syntaxErrors: readonly { readonly message: string; readonly line: number }[];
}

/** The clock, chance and the environment, as members of globals. */
const IMPURE_MEMBERS = new Set(['process.env', 'Date.now', 'performance.now', 'Math.random', 'crypto.getRandomValues']);

/** As plain names, wherever they come from; timers are the clock's `after`. */
const IMPURE_NAMES = new Set(['randomUUID', 'setTimeout', 'setInterval', 'setImmediate']);

const textOf = (node: Node): string | undefined => {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
};

const nameOf = (node: Node): string | undefined => (node.type === 'Identifier' ? node.name : textOf(node));

/** What a source file imports (static, type-only, re-exported, dynamic, required) and which impure globals it uses. */
export const readFacts = (file: string, source: string): SourceFacts => {
  const references: Reference[] = [];
  const uses: Use[] = [];
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length;
  const refer = (node: Node | null, isLazy = false) => {
    if (node !== null) references.push({ specifier: textOf(node), line: lineAt(node.start), isLazy });
  };
  const use = (name: string, at: number) => uses.push({ name, line: lineAt(at) });

  const { program, errors } = parseSync(file, source);
  new Visitor({
    ImportDeclaration: (node) => refer(node.source),
    ExportAllDeclaration: (node) => refer(node.source),
    ExportNamedDeclaration: (node) => refer(node.source),
    ImportExpression: (node) => refer(node.source, true),
    TSImportType: (node) => refer(node.source),
    TSExternalModuleReference: (node) => refer(node.expression),
    CallExpression: (node) => {
      const [first] = node.arguments;
      if (node.callee.type === 'Identifier' && node.callee.name === 'require' && first !== undefined) refer(first);
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date') use('Date()', node.start);
    },
    NewExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) use('new Date()', node.start);
    },
    MemberExpression: (node) => {
      const owner = node.object.type === 'MemberExpression' ? node.object.property : node.object;
      const member = `${nameOf(owner)}.${nameOf(node.property)}`;
      if (IMPURE_MEMBERS.has(member)) use(member, node.start);
    },
    Identifier: (node) => {
      if (IMPURE_NAMES.has(node.name)) use(node.name, node.start);
    },
  }).visit(program);

  return {
    references,
    uses: uses.filter(({ name, line }, index) => uses.findIndex((other) => other.name === name && other.line === line) === index),
    syntaxErrors: errors.map((error) => ({ message: error.message, line: lineAt(error.labels[0]?.start ?? 0) })),
  };
};
