import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { processGroups } from '../../../src/adapters/child-process/index.ts';
import { type McpServer, makeMcpServers } from '../../../src/adapters/mcp/index.ts';
import { systemClock } from '../../../src/adapters/system/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { toolContract } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';
import { context, program, stdio, toolOf, withServers } from '../../support/mcp-servers.ts';
import { removeDirectory, takeDirectory } from '../../support/own-directory.ts';

certify('Tool: mcp__everything__echo', toolContract, async () => {
  const mcp = makeMcpServers({
    servers: [stdio('everything', program('server-everything'))],
    directory: process.cwd(),
    env: process.env,
    version: '1.2.3',
    clock: systemClock,
    events: { emit: () => undefined },
    groups: processGroups,
  });
  mcp.start();
  await mcp.ready(15_000);
  return {
    subject: {
      tool: toolOf(mcp, 'mcp__everything__echo'),
      input: { message: 'hello' },
      context: (draft) => context(draft ? { draft } : {}),
    },
    close: () => mcp.stop(),
  };
});

describe('MCP servers from npm', () => {
  it('list their tools, all of which act, and answer calls', async () => {
    const directory = takeDirectory('mcp');
    const memory: McpServer = {
      ...stdio('memory', program('server-memory')),
      env: { MEMORY_FILE_PATH: join(directory, 'graph.json') },
    } as McpServer;
    const servers = [stdio('everything', program('server-everything')), stdio('files', program('server-filesystem'), directory), memory];
    await withServers(servers, async ({ mcp, events }) => {
      const names = mcp.tools().map(({ name }) => name);
      expect(names).to.include.members(['mcp__everything__echo', 'mcp__files__write_file', 'mcp__memory__create_entities']);
      expect(names).to.deep.equal(names.toSorted());
      expect(new Set(mcp.tools().map(({ effect }) => effect))).to.deep.equal(new Set(['acts']));
      expect(names).not.to.include('mcp__everything__simulate-research-query');
      const left = events.find((event) => event.type === 'mcp-tools-left-out');
      expect(left).to.include({ server: 'everything', count: 1, reason: 'it runs as a task alone, which Kept does not do' });

      const write = toolOf(mcp, 'mcp__files__write_file');
      const path = join(directory, 'note.txt');
      expect((await write.run({ path, content: 'kept' }, context())).isError).to.equal(false);
      expect(readFileSync(path, 'utf8')).to.equal('kept');
      expect(await write.run({ path: '/etc/kept', content: 'x' }, context())).to.include({ isError: true });
      expect(await write.run({ path }, context())).to.include({ isError: true });

      const entities = [{ name: 'Ada', entityType: 'person', observations: ['counts'] }];
      expect((await toolOf(mcp, 'mcp__memory__create_entities').run({ entities }, context())).isError).to.equal(false);
      expect((await toolOf(mcp, 'mcp__memory__search_nodes').run({ query: 'Ada' }, context())).output).to.contain('counts');
      expect((await toolOf(mcp, 'mcp__everything__get-tiny-image').run({}, context())).output).to.contain(
        '(an image, image/png, 4 KB: not shown)',
      );
    });
    removeDirectory(directory);
  });

  it('get few variables of the environment, and none of the keys of Kept', async () => {
    await withServers([stdio('everything', program('server-everything'))], async ({ mcp }) => {
      const { output } = await toolOf(mcp, 'mcp__everything__get-env').run({}, context());
      expect(Object.keys(JSON.parse(output) as object)).to.include('PATH');
      expect(output).not.to.contain('must-not-be-seen');
    });
  });

  it('of the 2.x era are understood, too, when they refuse the one before', async () => {
    const modern = fileURLToPath(new URL('../../fakes/mcp/modern-server.ts', import.meta.url));
    await withServers([stdio('modern', modern)], async ({ mcp, events }) => {
      expect((await toolOf(mcp, 'mcp__modern__echo').run({ message: 'new' }, context())).output).to.equal('new');
      const aborting = new AbortController();
      const hanging = toolOf(mcp, 'mcp__modern__hang').run({}, context({ signal: aborting.signal }));
      setImmediate(() => aborting.abort());
      expect(isPortError(await hanging.catch((error: unknown) => error))).to.equal(true);
      expect((await toolOf(mcp, 'mcp__modern__echo').run({ message: 'still' }, context())).output).to.equal('still');
      expect(events.filter(({ type }) => type === 'mcp-server-failed')).to.deep.equal([]);
    });
  });
});
