import type { BrokenRule } from '../broken-rule.ts';
import { type Block, blocksOf, type MessagesRequest } from './shape.ts';

const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const ID = /^[a-zA-Z0-9_-]+$/;

type ToolUse = Extract<Block, { type: 'tool_use' }>;
type ToolResult = Extract<Block, { type: 'tool_result' }>;

/** The rules of calls and results (https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls). */
export const toolRules = (request: MessagesRequest): readonly BrokenRule[] => [
  ...declarationRules(request),
  ...idRules(request),
  ...request.messages.flatMap((message, at) => pairRules(request, at, blocksOf(message))),
];

const declarationRules = ({ tools = [], tool_choice: choice, messages }: MessagesRequest): readonly BrokenRule[] => {
  const names = tools.map(({ name }) => name);
  const hasToolBlocks = messages.flatMap(blocksOf).some(({ type }) => type === 'tool_use' || type === 'tool_result');
  return [
    ...names.filter((name) => !NAME.test(name)).map((name) => ({ rule: 'tool-name', message: `tools: "${name}" should match ${NAME}` })),
    ...(new Set(names).size === names.length ? [] : [{ rule: 'tool-name-twice', message: 'tools: tool names must be unique' }]),
    ...tools.flatMap(({ name, input_schema: schema }) => schemaRules(name, schema)),
    ...(hasToolBlocks && tools.length === 0
      ? [{ rule: 'tools-declared', message: 'requests which include `tool_use` or `tool_result` blocks must define tools' }]
      : []),
    ...(choice && tools.length === 0 ? [{ rule: 'choice-without-tools', message: 'tool_choice may only be specified with tools' }] : []),
    ...(choice?.type === 'tool' && !names.includes(choice.name)
      ? [{ rule: 'choice-unknown', message: `tool_choice: "${choice.name}" is not among the tools` }]
      : []),
  ];
};

/** What a schema may not have, though JSON Schema has it. */
const schemaRules = (name: string, { properties, ...schema }: Readonly<Record<string, unknown>>): readonly BrokenRule[] => {
  const combined = ['oneOf', 'allOf', 'anyOf'].filter((keyword) => keyword in schema);
  const keys = Object.keys(typeof properties === 'object' && properties !== null ? properties : {});
  return [
    ...combined.map((keyword) => ({ rule: 'schema-top', message: `${name}: input_schema does not support ${keyword} at the top level` })),
    ...keys
      .filter((key) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(key))
      .map((key) => ({ rule: 'schema-keys', message: `${name}: property keys should match ^[a-zA-Z0-9_.-]{1,64}$, not "${key}"` })),
  ];
};

const idRules = ({ messages }: MessagesRequest): readonly BrokenRule[] => {
  const uses = messages.flatMap(blocksOf).filter((block): block is ToolUse => block.type === 'tool_use');
  const ids = uses.map(({ id }) => id);
  return [
    ...ids.filter((id) => !ID.test(id)).map((id) => ({ rule: 'tool-use-id', message: `tool_use.id: "${id}" should match ${ID}` })),
    ...(new Set(ids).size === ids.length ? [] : [{ rule: 'tool-use-id-twice', message: 'messages: `tool_use` ids must be unique' }]),
    ...uses
      .filter(({ name }) => !NAME.test(name))
      .map(({ name }) => ({ rule: 'tool-use-name', message: `tool_use.name: "${name}" should match ${NAME}` })),
  ];
};

/** Every call has its one result in the next message, before all else in it; no result stands without its call. */
const pairRules = ({ messages }: MessagesRequest, at: number, blocks: readonly Block[]): readonly BrokenRule[] => {
  const before = messages[at - 1];
  const asked = new Set(
    (before?.role === 'assistant' ? blocksOf(before) : []).flatMap((block) => (block.type === 'tool_use' ? [block.id] : [])),
  );
  const results = blocks.filter((block): block is ToolResult => block.type === 'tool_result').map(({ tool_use_id: id }) => id);
  const lacking = [...asked].filter((id) => !results.includes(id));
  const isOpen = at === messages.length - 1 && blocks.some(({ type }) => type === 'tool_use');
  return [
    ...(lacking.length === 0 && !isOpen
      ? []
      : [
          {
            rule: 'result-missing',
            message: `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks: ${lacking.join(', ')}`,
          },
        ]),
    ...results
      .filter((id) => !asked.has(id))
      .map((id) => ({
        rule: 'result-orphaned',
        message: `messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}`,
      })),
    ...(new Set(results).size === results.length
      ? []
      : [{ rule: 'result-twice', message: `messages.${at}: each tool_use must have a single result` }]),
    ...(blocks.slice(0, results.length).every(({ type }) => type === 'tool_result')
      ? []
      : [{ rule: 'results-first', message: `messages.${at}: tool_result blocks must come before all other content` }]),
  ];
};
