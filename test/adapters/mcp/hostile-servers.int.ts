import { expect } from 'chai';
import { systemClock } from '../../../src/adapters/system/index.ts';
import { makeCallTool } from '../../../src/application/tools/call-tool.ts';
import { context, isAlive, toolOf, useOwnServer, withServers } from '../../support/mcp-servers.ts';

describe('A hostile MCP server', () => {
  const { own, noted } = useOwnServer();
  const pids = (): readonly number[] => noted(/^started /).map((line) => Number(line.split(' ')[1]));

  it('that changes its tools all the time is read again twice, not each time', async () => {
    await withServers([own('hostile')], async ({ mcp, heard, events }) => {
      expect((await toolOf(mcp, 'mcp__own__shift').run({}, context())).output).to.equal('shifted');
      await heard('mcp-tools-changed', ({ added }) => added.includes('mcp__own__shifted_500'));
      expect((await toolOf(mcp, 'mcp__own__echo').run({ a: 1 }, context())).output).to.equal('{"a":1}');
      expect(events.filter(({ type }) => type === 'mcp-tools-changed').length).to.be.at.most(2);
      // At its start, at the first change, and once more for all others.
      expect(noted(/^list$/).length).to.be.at.most(3);
    });
  });

  it('that floods its output is read to the end, and its answer is cut with a notice', async () => {
    await withServers([own('hostile')], async ({ mcp, events }) => {
      const told: string[] = [];
      const { output } = await toolOf(mcp, 'mcp__own__flood').run({}, context({ progress: (text) => told.push(text) }));
      expect(output.length).to.be.at.most(20_000);
      expect(output).to.match(/\[cut here: \d+ of \d+ characters are not shown\]$/);
      expect(Math.max(...told.map(({ length }) => length))).to.be.at.most(200);
      expect((await toolOf(mcp, 'mcp__own__echo').run({ a: 1 }, context())).output).to.equal('{"a":1}');
      expect(events.filter(({ type }) => type === 'mcp-server-failed')).to.deep.equal([]);
    });
  });

  it('that sends messages without an end is ended, and started again', async () => {
    await withServers([own('hostile')], async ({ mcp, heard }) => {
      const { output } = await toolOf(mcp, 'mcp__own__torrent').run({}, context());
      expect(output).to.contain('it sent more than 10000 messages within 10 s').and.contain('It is not known whether');
      await heard('mcp-server-failed');
      expect((await toolOf(mcp, 'mcp__own__echo').run({ a: 1 }, context())).output).to.equal('{"a":1}');
    });
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });

  it('that answers after the limit of a call answers nobody, and goes on', async () => {
    await withServers([own('hostile')], async ({ mcp, events }) => {
      const late = { ...toolOf(mcp, 'mcp__own__late'), timeoutMs: 150 };
      const callTool = makeCallTool({ clock: systemClock, events: { emit: () => undefined }, redact: (text) => text, mayAct: () => true });
      const call = (input: object) => callTool({ name: late.name, input, offered: [late], context: context() });
      expect((await call({ ms: 300 })).output).to.equal(
        'mcp__own__late took longer than 1 s and was ended. It may have done a part of its work.',
      );
      // The late answer comes while this one is awaited.
      const { output } = await mcp.call('own', 'late', { ms: 600 }, new AbortController().signal);
      expect(output).to.equal('too late');
      expect((await call({ ms: 0 })).output).to.equal('too late');
      expect(noted(/^call late$/)).to.have.length(3);
      expect(events.filter(({ type }) => type === 'mcp-server-failed')).to.deep.equal([]);
    });
  });
});
