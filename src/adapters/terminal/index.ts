export * from './chat-client.ts';
export { formatTable, type TableColumn, type TextStyle } from './format-table.ts';
export { requestHealth } from './health-request.ts';
export { type HttpChatClientOptions, makeHttpChatClient } from './http-chat-client.ts';
export type { ChatOutcome } from './piped-chat.ts';
export { requestSelfPing } from './self-ping.ts';
export { oneLine, stripControl } from './strip-control.ts';
export { runTerminalChat, type TerminalChatOptions } from './terminal-chat.ts';
export { clip } from './text-width.ts';
