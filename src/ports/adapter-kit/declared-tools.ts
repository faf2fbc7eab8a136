import { modelConversation } from '../../domain/conversation/model-conversation.ts';
import { present } from '../../domain/shared/present.ts';
import type { ModelRequest, ToolSpec } from '../language-model.ts';

/**
 * The tools that a request declares to a model's API. Many APIs refuse a conversation with tool calls in it where none
 * are declared: then those that it shows are, and may not be called.
 */
export const declaredTools = ({ tools, toolChoice, conversation }: ModelRequest): Pick<ModelRequest, 'tools' | 'toolChoice'> => {
  if (tools.length > 0) return { tools, ...present({ toolChoice }) };
  const called = new Set(
    modelConversation(conversation).flatMap((step) => (step.role === 'agent' ? step.toolCalls.map(({ tool }) => tool) : [])),
  );
  if (called.size === 0) return { tools };
  return { tools: [...called].map((name) => ({ name, description: 'Not available any more.', inputSchema: {} })), toolChoice: 'none' };
};

/** A tool's schema with the two fields that some APIs want in each. */
export const wholeSchema = ({ inputSchema }: ToolSpec) => ({ type: 'object', properties: {}, ...inputSchema });
