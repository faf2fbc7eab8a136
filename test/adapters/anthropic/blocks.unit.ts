import { expect } from 'chai';
import { makeBlocks } from '../../../src/adapters/anthropic/blocks.ts';
import { MAX_CALLS_READ } from '../../../src/ports/language-model.ts';

const toolUse = (id: string) => ({ type: 'tool_use' as const, id, name: 'read_file', input: {}, caller: { type: 'direct' as const } });
const json = (partial_json: string) => ({ type: 'input_json_delta' as const, partial_json });

describe('The blocks of a reply over the Messages API', () => {
  it('hold no more calls than are read, and nothing of the arguments of others', () => {
    const blocks = makeBlocks();
    for (let at = 0; at <= MAX_CALLS_READ; at++) blocks.start(at, toolUse(`call_${at}`));
    expect(blocks.toolUses()).to.have.length(MAX_CALLS_READ);
    blocks.add(MAX_CALLS_READ, json('{"path":"a"}'));
    expect(blocks.toolUses().every(({ input }) => JSON.stringify(input) === '{}')).to.equal(true);
  });

  it('of one index are told apart: what comes belongs to the newest', () => {
    const blocks = makeBlocks();
    for (const path of ['a', 'b']) {
      blocks.start(0, toolUse(path));
      blocks.add(0, json(`{"path":"${path}"}`));
    }
    expect(blocks.toolUses().map(({ input }) => input)).to.deep.equal([{ path: 'a' }, { path: 'b' }]);
  });
});
