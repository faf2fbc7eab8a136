import { expect } from 'chai';
import { z } from 'zod';
import { defineTool } from '../../../src/adapters/tools/index.ts';
import { contextFor } from './harness.ts';

describe('defineTool', () => {
  const echo = defineTool({
    name: 'echo',
    description: 'Says it again.',
    schema: z.object({
      text: z.string().describe('What to say'),
      times: z.number().int().min(1).default(1),
      to: z.array(z.number()).optional(),
    }),
    effect: 'reads',
    activity: 'echoing',
    run: async ({ text, times }) => text.repeat(times),
  });

  it('describes its input as a JSON Schema object that takes nothing else', () => {
    expect(echo.inputSchema).to.deep.equal({
      type: 'object',
      properties: {
        text: { type: 'string', description: 'What to say' },
        times: { default: 1, type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        to: { type: 'array', items: { type: 'number' } },
      },
      required: ['text'],
      additionalProperties: false,
    });
  });

  it('fills in defaults', async () => {
    expect(await echo.run({ text: 'a' }, contextFor('/'))).to.deep.equal({ output: 'a', isError: false });
  });

  it('answers misuse in words that name every place', async () => {
    for (const input of [undefined, null, 'text', 7, []]) expect((await echo.run(input, contextFor('/'))).isError).to.equal(true);
    const { output, isError } = await echo.run({ txt: 'a', times: 0, to: [1, 'x'] }, contextFor('/'));
    expect(isError).to.equal(true);
    for (const part of ['echo was not run', 'text:', 'times:', 'to[1]:', '"txt"']) expect(output).to.include(part);
  });

  it('bounds what comes out, and says how much was cut', async () => {
    const { output } = await echo.run({ text: '😀', times: 20_000 }, contextFor('/'));
    expect(output.length).to.be.at.most(20_000);
    expect(output).to.match(/\[cut here: \d+ of 40000 characters are not shown\]$/);
    expect(output.isWellFormed()).to.equal(true);
  });
});
