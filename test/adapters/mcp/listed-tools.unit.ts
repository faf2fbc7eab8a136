import { expect } from 'chai';
import { MAX_SCHEMA_LENGTH } from '../../../src/adapters/mcp/input-schema.ts';
import { listedTools, MAX_LISTING_LENGTH } from '../../../src/adapters/mcp/listed-tools.ts';
import { toolNames } from '../../../src/adapters/mcp/tool-names.ts';

const tool = (name: string, more: object = {}): object => ({ name, description: 'Does it.', inputSchema: { type: 'object' }, ...more });
const names = (...listed: unknown[]): readonly string[] => listedTools('notion', listed).tools.map(({ name }) => name);
const only = (listed: unknown) => {
  const { tools, leftOut } = listedTools('notion', [listed]);
  expect(leftOut).to.deep.equal([]);
  const [first] = tools;
  if (!first) throw new Error('nothing is listed');
  return first;
};

describe('The names of MCP tools', () => {
  it('stand behind the name of their server', () => {
    expect(names(tool('search'), tool('read-page'))).to.deep.equal(['mcp__notion__read-page', 'mcp__notion__search']);
  });

  it('fit what model APIs take, and stay the same in any order', () => {
    const given = ['a.b', 'a_b', 'a b', 'x'.repeat(200), `${'x'.repeat(199)}y`, 'ünïcode', 'line\nfeed'];
    const fitted = toolNames('notion', given);
    expect(new Set(fitted.values()).size).to.equal(given.length);
    for (const name of fitted.values()) expect(name).to.match(/^mcp__notion__[A-Za-z\d_-]{1,51}$/);
    expect(fitted.get('a_b')).to.equal('mcp__notion__a_b');
    expect([...toolNames('notion', given.toReversed())].sort()).to.deep.equal([...fitted].sort());
  });

  it('change only where that is needed', () => {
    expect(toolNames('notion', ['a.b']).get('a.b')).to.equal('mcp__notion__a_b');
  });
});

describe('A list of MCP tools', () => {
  it('loses what is no tool, and says why', () => {
    const { tools, leftOut } = listedTools('notion', [
      tool('good'),
      tool('good', { description: 'a second one' }),
      tool('task', { execution: { taskSupport: 'required' } }),
      null,
      'text',
      { name: 'bare' },
      { name: 7, inputSchema: {} },
    ]);
    expect(tools.map(({ name, description }) => [name, description])).to.deep.equal([['mcp__notion__good', 'Does it.']]);
    expect(leftOut.map(({ tool: name, reason }) => `${name}: ${reason}`)).to.deep.equal([
      'good: its name stands twice',
      'task: it runs as a task alone, which Kept does not do',
      'a tool without a name: it is no well-formed tool',
      'a tool without a name: it is no well-formed tool',
      'bare: it is no well-formed tool',
      'a tool without a name: it is no well-formed tool',
    ]);
  });

  it('has descriptions without control characters, cut where they are long', () => {
    const { description } = only(tool('long', { description: `one\u0007two\n${'x'.repeat(10_000_000)}` }));
    expect(description).to.match(/^one two\nx/);
    expect(description.length).to.equal(1_500);
  });

  it('takes hints as hints', () => {
    expect(only(tool('a', { annotations: { readOnlyHint: true } })).hints).to.deep.equal(['reads only']);
    expect(only(tool('a', { annotations: { destructiveHint: true } })).hints).to.deep.equal(['may destroy']);
    expect(only(tool('a', { annotations: { readOnlyHint: 'yes' } })).hints).to.deep.equal([]);
    expect(only(tool('a', { annotations: 'none' })).hints).to.deep.equal([]);
  });

  it('has schemas that model APIs take', () => {
    const { inputSchema } = only(
      tool('a', {
        inputSchema: {
          $schema: 'http://json-schema.org/draft-07/schema#',
          type: 'object',
          properties: { description: { type: 'string', description: 'said' } },
          required: ['description'],
          oneOf: [{ required: ['a'] }],
        },
      }),
    );
    expect(inputSchema).to.deep.equal({
      type: 'object',
      properties: { description: { type: 'string', description: 'said' } },
      required: ['description'],
    });
  });

  it('has long schemas without explanations, longer ones by their names alone, and no endless one', () => {
    const properties = (count: number, more: object): object =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`description_${i}`, { type: 'string', ...more }]));
    const fitted = (count: number, more: object) =>
      only(tool('a', { inputSchema: { type: 'object', properties: properties(count, more), required: ['description_1'] } })).inputSchema;
    expect(fitted(100, { description: 'x'.repeat(200) })).to.deep.equal({
      type: 'object',
      properties: properties(100, {}),
      required: ['description_1'],
    });
    const bare = fitted(250, { pattern: 'x'.repeat(200) });
    expect(bare.properties).to.have.property('description_249').that.deep.equals({});
    expect(JSON.stringify(bare).length).to.be.at.most(MAX_SCHEMA_LENGTH);
    const { tools, leftOut } = listedTools('notion', [
      tool('wide', { inputSchema: { type: 'object', properties: properties(5_000, {}) } }),
      tool('deep', { inputSchema: JSON.parse(`${'{"a":'.repeat(400)}1${'}'.repeat(400)}`) as unknown }),
      tool('broad', { inputSchema: { type: 'object', enum: Array.from({ length: 300_000 }, (_, i) => i) } }),
    ]);
    expect(tools.map(({ name }) => name)).to.deep.equal(['mcp__notion__broad']);
    expect(leftOut.map(({ reason }) => reason)).to.deep.equal(['its schema is too long or too deep', 'its schema is too long or too deep']);
  });

  it('is bounded in all: first it loses explanations, then tools', () => {
    const big = (name: string, length: number) =>
      tool(name, { inputSchema: { type: 'object', properties: { a: { type: 'string', description: 'x'.repeat(length) } } } });
    const explained = listedTools(
      'notion',
      Array.from({ length: 4 }, (_, i) => big(`t${i}`, 7_000)),
    );
    expect(JSON.stringify(explained.tools)).to.contain('xxxx');
    const brief = listedTools(
      'notion',
      Array.from({ length: 5 }, (_, i) => big(`t${i}`, 7_000)),
    );
    expect(JSON.stringify(brief.tools)).not.to.contain('xxxx');
    expect(brief.leftOut).to.deep.equal([]);
    const many = listedTools(
      'notion',
      Array.from({ length: 2_000 }, (_, i) => big(`t${i}`, 10)),
    );
    expect(JSON.stringify(many.tools.map(({ inputSchema }) => inputSchema)).length).to.be.below(MAX_LISTING_LENGTH);
    expect(many.tools.length + many.leftOut.length).to.equal(2_000);
    expect(many.leftOut[0]?.reason).to.equal('the tools of this server are too long together');
  });
});
