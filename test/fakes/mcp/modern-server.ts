/** An MCP server of the 2.x era that refuses clients of the era before. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

serveStdio(
  () => {
    const server = new McpServer({ name: 'modern', version: '2' }, { capabilities: { tools: {} } });
    server.registerTool('echo', { description: 'Says it again.', inputSchema: z.object({ message: z.string() }) }, ({ message }) => ({
      content: [{ type: 'text', text: message }],
    }));
    server.registerTool('hang', { description: 'Never answers.', inputSchema: z.object({}) }, () => new Promise<never>(() => undefined));
    return server;
  },
  { legacy: 'reject' },
);
