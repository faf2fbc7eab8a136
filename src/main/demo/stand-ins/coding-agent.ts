import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { agent, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';

/** A coding agent that speaks ACP, for the demonstration: whatever it is asked for, it writes a menu. */
const directories = new Map<string, string>();

agent({ name: 'stand-in' })
  .onRequest(methods.agent.initialize, () => ({ protocolVersion: PROTOCOL_VERSION, agentCapabilities: {} }))
  .onRequest(methods.agent.session.new, ({ params }) => {
    const sessionId = randomUUID();
    directories.set(sessionId, params.cwd);
    return { sessionId };
  })
  .onRequest(methods.agent.session.prompt, async ({ params: { sessionId }, client }) => {
    const path = join(directories.get(sessionId) ?? '.', 'menu.md');
    const { outcome } = await client.request(methods.client.session.requestPermission, {
      sessionId,
      toolCall: { toolCallId: 'write-menu', title: 'Write menu.md', kind: 'edit', locations: [{ path }] },
      options: [
        { optionId: 'allow', name: 'Allow', kind: 'allow_once' },
        { optionId: 'deny', name: 'Deny', kind: 'reject_once' },
      ],
    });
    const isAllowed = outcome.outcome === 'selected' && outcome.optionId === 'allow';
    if (isAllowed) await writeFile(path, '# Menu\n\n- green tea\n- black tea\n');
    const text = isAllowed ? 'I wrote the menu: menu.md.' : 'I was not allowed to write menu.md.';
    await client.notify(methods.client.session.update, {
      sessionId,
      update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
    });
    return { stopReason: 'end_turn' };
  })
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>));
