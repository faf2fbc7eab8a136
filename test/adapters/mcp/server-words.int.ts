import { expect } from 'chai';
import { processGroups } from '../../../src/adapters/child-process/index.ts';
import { type McpServer, makeMcpServers } from '../../../src/adapters/mcp/index.ts';
import { systemClock } from '../../../src/adapters/system/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { OWN, stdio, withServers } from '../../support/mcp-servers.ts';
import { removeDirectory, takeDirectory } from '../../support/own-directory.ts';

describe('What is said of an MCP server', () => {
  let directory = '';
  beforeEach(() => {
    directory = takeDirectory('mcp');
  });
  afterEach(() => removeDirectory(directory));

  it('that is killed after it has answered ends for no reason that its standard error holds', async () => {
    const script = `echo "Starting default (STDIO) server..." >&2; exec ${process.execPath} ${OWN} steady`;
    const chatty: McpServer = { kind: 'stdio', name: 'chatty', command: '/bin/sh', args: ['-c', script], env: {} };
    await withServers([chatty], async ({ mcp, heard }) => {
      await mcp.call('chatty', 'die', {}, AbortSignal.timeout(10_000));
      const { reason } = await heard('mcp-server-failed');
      expect(reason).to.equal('it ended with exit code 3; its last words: Starting default (STDIO) server...');
    });
  });

  it('that is still starting says what is wrong with its first words', async () => {
    const noise: McpServer = { kind: 'stdio', name: 'noise', command: '/bin/sh', args: ['-c', 'echo Hello; exec cat >/dev/null'], env: {} };
    const mcp = makeMcpServers({
      servers: [noise],
      directory,
      env: process.env,
      version: '1',
      clock: systemClock,
      groups: processGroups,
      events: { emit: () => undefined },
    });
    mcp.start();
    try {
      const startedAt = performance.now();
      while (!('reason' in (mcp.report()[0]?.state ?? {})) && performance.now() - startedAt < 10_000) await mcp.ready(20);
      expect(mcp.report()[0]?.state).to.include({
        status: 'starting',
        reason: 'it writes to standard output what is no message of the protocol: "Hello"',
      });
    } finally {
      await mcp.stop();
    }
  });

  it('says of a tool that it has not, or that is left out, which is nearest, and why', async () => {
    await withServers(
      [stdio('own', OWN, 'steady'), stdio('own', OWN, 'lying')].map((server, i) => ({ ...server, name: ['steady', 'lying'][i] as string })),
      async ({ mcp }) => {
        const called = (server: string, tool: string) =>
          mcp.call(server, tool, {}, AbortSignal.timeout(10_000)).then(
            () => 'nothing',
            (error: unknown) => (isPortError(error) ? [error.code, error.message].join(': ') : 'another error'),
          );
        expect(await called('steady', 'ecko')).to.equal('not-found: the MCP server "steady" has no tool "ecko": did you mean echo?');
        expect(await called('steady', 'unlike')).to.equal('not-found: the MCP server "steady" has no tool "unlike"');
        const left = mcp
          .report()
          .find(({ name }) => name === 'lying')
          ?.leftOut.find(({ tool }) => tool === 'task');
        if (!left) throw new Error('nothing is left out');
        expect(await called('lying', left.tool)).to.equal(
          `not-found: the tool ${JSON.stringify(left.tool)} of the MCP server "lying" is left out, because ${left.reason}`,
        );
      },
    );
  });
});
