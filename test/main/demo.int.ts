import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadProcessConfig } from '../../src/config/process-config.ts';
import { makeDemoSite, nodeRunning } from '../../src/main/demo/site.ts';
import { startLocalServer } from '../../src/main/demo/stand-ins/local-server.ts';

describe('The parts of kept demo', () => {
  it('are configured without a problem, also where Kept lies in a directory with blanks', async () => {
    const place = await mkdtemp(join(tmpdir(), 'my programs '));
    const command = join(place, 'node');
    await symlink(process.execPath, command);
    const stands = { notionUrl: 'http://127.0.0.1:9', searchUrl: 'http://127.0.0.1:9' };
    const site = await makeDemoSite(stands, (name) => ({ ...nodeRunning(name), command }));
    const loaded = loadProcessConfig(site.env, site.root);
    await site.remove();
    await rm(place, { recursive: true });
    const agent = { kind: 'acp', command: [command, ...nodeRunning('coding-agent').args] };
    expect(loaded.ok && loaded.value.coding.agent).to.deep.equal(agent);
  });

  it('go on when a request to a stand-in breaks off', async () => {
    const server = await startLocalServer(() => ({ status: 200, body: 'well' }));
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\nhalf');
    // The stand-in reads the body then.
    await once(socket, 'data');
    socket.destroy();
    await once(socket, 'close');
    expect(await (await fetch(server.url)).json()).to.equal('well');
    await server.close();
  });
});
