import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as made from '../../src/adapters/tools/index.ts';
import { KNOWN_TOOLS } from '../../src/domain/agent/built-in.ts';
import type { Tool } from '../../src/ports/index.ts';

const page = readFileSync(new URL('../../docs/reference/tools.md', import.meta.url), 'utf8');

/** The rows of the table, by the name of their tool. */
const rows = new Map(
  [...page.matchAll(/^\| `([a-z_]+)` \| (\w+) \| (\d+) s \|(.*?)\| (.+) \|$/gm)].map(([, name = '', effect, seconds, args = '']) => [
    name,
    { effect, timeoutMs: Number(seconds) * 1000, args: [...args.matchAll(/`(\w+)`/g)].map(([, arg]) => arg) },
  ]),
);

/** Stands for every dependency: no tool is run here. */
const nothing: object = new Proxy(() => undefined, {
  get: (_, key) => {
    if (key === Symbol.toPrimitive) return () => 'UTC';
    return key === 'agents' ? [] : nothing;
  },
});

/** Every tool that the factories of the folder make. */
const tools = Object.entries(made)
  .filter(([name]) => /^make\w+Tools?$/.test(name))
  .flatMap(([name, make]) => {
    const first = name === 'makeSkillTool' ? [] : nothing;
    return [(make as (...parts: readonly unknown[]) => Tool | readonly Tool[])(first, nothing)].flat();
  });

describe('The reference of tools', () => {
  it('has a row for every tool, and for no other', () =>
    expect([...rows.keys()].toSorted()).to.deep.equal(tools.map(({ name }) => name).toSorted()));

  it('knows every tool that an agent may name', () => expect([...rows.keys()]).to.include.members([...KNOWN_TOOLS]));

  for (const { name, effect, timeoutMs, inputSchema } of tools)
    it(`states effect, time limit and arguments of ${name}`, () =>
      expect(rows.get(name)).to.deep.equal({ effect, timeoutMs, args: Object.keys(inputSchema.properties as object) }));
});
