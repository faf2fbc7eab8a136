export { type CodingToolDeps, makeCodingTools } from './coding-tools.ts';
export { defineTool, failure, type ToolDefinition } from './define-tool.ts';
export { makeFileTools } from './file-tools.ts';
export { type HistoryToolDeps, makeHistoryTools } from './history-tools.ts';
export { makeNotionTools, type NotionToolDeps } from './notion-tools.ts';
export { makePromiseTools, type PromiseToolDeps } from './promise-tools.ts';
export { makeScheduleTools, type ScheduleToolDeps } from './schedule-tools.ts';
export { makeSearchTools } from './search-tools.ts';
export { makeSkillTool } from './skill-tool.ts';
