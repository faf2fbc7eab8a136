import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { processGroups } from '../../../src/adapters/child-process/index.ts';
import { type McpServer, makeMcpServers } from '../../../src/adapters/mcp/index.ts';
import { makeStdioTransport } from '../../../src/adapters/mcp/stdio-transport.ts';
import { systemClock } from '../../../src/adapters/system/index.ts';
import type { KeptEvent } from '../../../src/domain/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { context, isAlive, OWN, stdio, toolOf, useOwnServer, withServers } from '../../support/mcp-servers.ts';

describe('An MCP server', () => {
  const { directory, notes, own, noted } = useOwnServer();
  const pids = (): readonly number[] => noted(/^(started|child) /).map((line) => Number(line.split(' ')[1]));

  it('that dies during a call ends the call at once, in words, and is started again', async () => {
    await withServers([own('steady')], async ({ mcp, heard, events }) => {
      const { output, isError } = await toolOf(mcp, 'mcp__own__die').run({}, context());
      expect(isError).to.equal(true);
      expect(output).to.equal(
        'The call of die failed: it ended with exit code 3. It is not known whether the call took effect: look before it is made again.',
      );
      expect(await heard('mcp-server-failed')).to.deep.include({ server: 'own', failures: 1, waitMs: 1_000 });
      // Its tools stay, and the next call waits for it.
      expect((await toolOf(mcp, 'mcp__own__echo').run({ a: 1 }, context())).output).to.equal('{"a":1}');
      expect(events.filter(({ type }) => type === 'mcp-server-connected')).to.have.length(2);
    });
    expect(pids()).to.have.length(2);
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });

  it('that dies again soon is waited for longer, and one that has lived for a minute is not', async () => {
    let later = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + later };
    await withServers(
      [own('steady')],
      async ({ mcp, events }) => {
        const dies = async (afterMs: number): Promise<void> => {
          // The call starts it again, whatever the wait is.
          await toolOf(mcp, 'mcp__own__echo').run({}, context());
          later += afterMs;
          await toolOf(mcp, 'mcp__own__die').run({}, context());
        };
        for (const afterMs of [0, 0, 60_000, 0]) await dies(afterMs);
        const failed = events.filter((event) => event.type === 'mcp-server-failed');
        expect(failed.map(({ failures, waitMs }) => [failures, waitMs])).to.deep.equal([
          [1, 1_000],
          [2, 2_000],
          [1, 1_000],
          [2, 2_000],
        ]);
      },
      clock,
    );
  });

  it('and others whose tools are too long together offer as many as fit, by name, and the rest is told', async () => {
    const names = ['a', 'b', 'c'];
    await withServers(
      names.map((name) => stdio(name, OWN, 'many', notes())),
      async ({ mcp, events }) => {
        const listed = mcp.report().map(({ tools }) => tools.length);
        const offered = mcp.tools().map(({ name }) => name);
        const length = mcp
          .tools()
          .reduce(
            (sum, { name, description, inputSchema }) => sum + name.length + description.length + JSON.stringify(inputSchema).length,
            0,
          );
        expect(length).to.be.within(150_000, 160_000);
        expect(offered.filter((name) => !name.startsWith('mcp__c__'))).to.have.length((listed[0] ?? 0) + (listed[1] ?? 0));
        const left = events.filter((event) => event.type === 'mcp-tools-left-out').filter(({ reason }) => /of all servers/.test(reason));
        mcp.tools();
        expect(left.map(({ server, count, tools }) => [server, count, tools.length])).to.deep.equal([
          ['c', listed.reduce((sum, count) => sum + count, 0) - offered.length, 10],
        ]);
      },
    );
  });

  it('that does not answer a call is left when the call is aborted, and is asked whether it lives', async () => {
    await withServers([own('deaf')], async ({ mcp, heard }) => {
      const aborting = new AbortController();
      const call = toolOf(mcp, 'mcp__own__hang').run({}, context({ signal: aborting.signal }));
      setImmediate(() => aborting.abort());
      const failure = await call.catch((error: unknown) => error);
      expect(isPortError(failure) && failure.code).to.equal('aborted');
      // It answers no ping either: it is ended, and started again.
      await heard('mcp-server-failed');
      expect((await toolOf(mcp, 'mcp__own__echo').run({}, context())).output).to.equal('{}');
      // The call, then the ping.
      expect(noted(/heard notifications\/cancelled/)).to.have.length(2);
    });
  });

  it('that can not be used says what is wrong with it, and what helps', async () => {
    const shell = (name: string, script: string): McpServer => ({ kind: 'stdio', name, command: '/bin/sh', args: ['-c', script], env: {} });
    const program = (name: string, command: string): McpServer => ({ kind: 'stdio', name, command, args: [], env: {} });
    const servers = [
      program('echo', 'cat'),
      shell('fails', 'echo "at first" >&2; echo "fatal: no key" >&2; exit 3'),
      program('folder', directory()),
      shell('mute', 'exit 0'),
      stdio('node', join(directory(), 'missing.mjs')),
      program('none', 'no-such-command'),
    ];
    await withServers(servers, async ({ mcp, events }) => {
      const found = mcp.report().map(({ name, state }) => (state.status === 'failed' ? [name, state.reason, state.help ?? ''] : [name]));
      const byHand = 'run its command by hand to see more, or correct "command", "args" and "env" in its entry';
      expect(found).to.deep.equal([
        [
          'echo',
          'it refuses the connection: Method not found',
          'its command must start an MCP server that speaks over standard input and output: some need an argument for that',
        ],
        ['fails', 'it ended with exit code 3 before it answered: fatal: no key', byHand],
        [
          'folder',
          `${JSON.stringify(directory())} is no program that may be run`,
          'name a program in "command" of its entry, or make the file executable',
        ],
        ['mute', 'it ended with exit code 0 before it answered', byHand],
        ['node', `it ended with exit code 1 before it answered: Error: Cannot find module '${join(directory(), 'missing.mjs')}'`, byHand],
        ['none', 'there is no command "no-such-command", or its directory is missing', 'install it, or correct "command" in its entry'],
      ]);
      // The log has the same words.
      const told = events.flatMap((event) => (event.type === 'mcp-server-failed' && event.failures === 1 ? [event.reason] : []));
      expect(told).to.have.members(found.map(([, reason]) => reason));
    });
  });

  it('that writes something else than messages is told so', async () => {
    const told: string[] = [];
    const transport = makeStdioTransport({
      command: '/bin/sh',
      args: ['-c', 'echo Hello there; echo Again; cat >/dev/null'],
      env: {},
      cwd: directory(),
      groups: processGroups,
      onNoise: ({ message: words }) => told.push(words),
    });
    const heard = Promise.withResolvers<void>();
    transport.onerror = () => heard.resolve();
    await transport.start();
    await heard.promise;
    const { message, help } = transport.diagnosis() ?? {};
    await transport.close();
    expect(message).to.equal('it writes to standard output what is no message of the protocol: "Hello there"');
    expect(told, 'at once, and once').to.deep.equal([message]);
    expect(help).to.match(/write nothing else to standard output/);
  });

  it('that never says a word does not hold up the others', async () => {
    const servers = [own('silent'), stdio('steady', OWN, 'steady')];
    const events: KeptEvent[] = [];
    const mcp = makeMcpServers({
      servers,
      directory: directory(),
      env: process.env,
      version: '1',
      clock: systemClock,
      events: { emit: (event) => events.push(event) },
      groups: processGroups,
    });
    mcp.start();
    await mcp.ready(3_000);
    expect(mcp.report().map(({ name, state }) => [name, state.status])).to.deep.equal([
      ['own', 'starting'],
      ['steady', 'connected'],
    ]);
    const asked = new AbortController();
    const waiting = mcp.call('own', 'echo', {}, asked.signal);
    asked.abort();
    expect(isPortError(await waiting.catch((error: unknown) => error))).to.equal(true);
    await mcp.stop();
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });

  it('that fails at its start is told once with its own words, and is tried again', async () => {
    await withServers([own('failing')], async ({ mcp, events, heard }) => {
      await heard('mcp-server-failed', ({ failures }) => failures === 2);
      const first = events.find((event) => event.type === 'mcp-server-failed');
      expect(first).to.include({ reason: 'it ended with exit code 7 before it answered: the key is missing', waitMs: 1_000 });
      expect(events.filter((event) => event.type === 'mcp-server-failed').map((event) => event.waitMs)).to.deep.equal([1_000, 2_000]);
      const { output } = await mcp.call('own', 'echo', {}, new AbortController().signal);
      expect(output).to.match(
        /^The MCP server "own" is not running, and the call was not made: .* the key is missing\. It is started again/,
      );
    });
  });

  it('that lies about its tools is bounded, and told', async () => {
    await withServers([own('lying')], async ({ mcp, events }) => {
      expect(mcp.report()[0]?.tools.map(({ name }) => name)).to.deep.equal([
        'mcp__own__echo',
        'mcp__own__long',
        'mcp__own__new_line_name',
        'mcp__own__safe_read',
        mcp.report()[0]?.tools.find(({ tool }) => tool === 'safe.read')?.name,
        'mcp__own__twin',
        'mcp__own__wide',
      ]);
      expect(JSON.stringify(mcp.tools()).length).to.be.below(20_000);
      const left = events.filter((event) => event.type === 'mcp-tools-left-out').map(({ reason, count }) => `${reason}: ${count}`);
      expect(left).to.have.members([
        'its name stands twice: 1',
        'its schema is too long or too deep: 1',
        'it runs as a task alone, which Kept does not do: 1',
        'it is no well-formed tool: 3',
      ]);
      // Answers to other ids answer nothing; one that is no result is told.
      expect((await mcp.call('own', 'echo', { a: 1 }, new AbortController().signal)).output).to.equal('{"a":1}');
      expect((await toolOf(mcp, 'mcp__own__twin').run({}, context())).output).to.contain('answered with something that is no result');
      expect((await toolOf(mcp, 'mcp__own__wide').run({}, context())).output).to.contain('refuses the call');
    });
  });

  it('that sends a message without an end is ended', async () => {
    await withServers([own('endless')], async ({ heard }) => {
      expect((await heard('mcp-server-failed')).reason).to.equal('it sent a message longer than 8 MB');
    });
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });

  it('may change its tools', async () => {
    await withServers([own('steady')], async ({ mcp, heard }) => {
      const before = mcp.tools();
      expect((await toolOf(mcp, 'mcp__own__grow').run({}, context())).output).to.equal('grown');
      expect(await heard('mcp-tools-changed')).to.deep.include({ added: ['mcp__own__grown'], removed: [] });
      expect(mcp.tools().length).to.equal(before.length + 1);
      expect(mcp.tools()).to.equal(mcp.tools());
    });
  });

  it('is told the key of a call, and its progress is passed on', async () => {
    await withServers([own('steady')], async ({ mcp }) => {
      expect((await toolOf(mcp, 'mcp__own__key').run({}, context({ callKey: 'run-7' }))).output).to.equal('run-7');
      const told: string[] = [];
      await toolOf(mcp, 'mcp__own__progress').run({}, context({ progress: (text) => told.push(text) }));
      expect(told).to.deep.equal(['a quarter']);
    });
  });

  it('leaves no process, however stubborn, when it is stopped', async () => {
    await withServers([own('stubborn')], async ({ mcp }) => {
      expect(mcp.report()[0]?.state.status).to.equal('connected');
    });
    expect(pids()).to.have.length(2);
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });

  it('leaves no process, however stubborn, when Kept is killed', async () => {
    const host = fileURLToPath(new URL('../../fakes/mcp/host.ts', import.meta.url));
    // It prints when its server is connected, and kills itself.
    expect(spawnSync(process.execPath, [host, OWN, 'stubborn', notes()]).signal).to.equal('SIGKILL');
    expect(pids()).to.have.length(2);
    const until = performance.now() + 10_000;
    while (pids().some(isAlive) && performance.now() < until) execFileSync('sleep', ['0.1']);
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });
});
