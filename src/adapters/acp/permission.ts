import type { RequestPermissionRequest, RequestPermissionResponse, ToolKind } from '@agentclientprotocol/sdk';
import type { PermissionKind } from '../../domain/coding/permission.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { type CodingHooks, reasonOf } from '../../ports/index.ts';
import type { Transcript } from './transcript.ts';

const KINDS: Readonly<Record<ToolKind, PermissionKind>> = {
  read: 'read',
  edit: 'edit',
  delete: 'delete',
  move: 'move',
  search: 'search',
  execute: 'execute',
  think: 'think',
  fetch: 'fetch',
  switch_mode: 'other',
  other: 'other',
};

const MAX_TITLE_LENGTH = 200;

/** Answers what the agent asks: once allowed, or once rejected. What can't be decided is rejected. */
export const answerPermission = async (
  { toolCall, options }: RequestPermissionRequest,
  hooks: CodingHooks,
  transcript: Pick<Transcript, 'toolCall' | 'deny'>,
): Promise<RequestPermissionResponse> => {
  // What the request leaves out was told when the call began.
  const known = transcript.toolCall(toolCall.toolCallId);
  const title = lineExcerpt(toolCall.title ?? known?.title ?? toolCall.toolCallId, MAX_TITLE_LENGTH);
  const kind = KINDS[toolCall.kind ?? known?.kind ?? 'other'] ?? 'other';
  const decide = async () => {
    const places = [...(toolCall.locations ?? known?.locations ?? []), ...diffsIn(toolCall.content ?? known?.content ?? [])];
    const paths = new Set([...places.map(({ path }) => path), ...pathsIn(toolCall.rawInput ?? known?.rawInput)]);
    return hooks.onPermission(kind, title, [...paths]);
  };
  const decision = await decide().catch((error: unknown) => ({
    allowed: false as const,
    reason: `it could not be decided: ${reasonOf(error)}`,
  }));
  const option = options.find((one) => one.kind === (decision.allowed ? 'allow_once' : 'reject_once'));
  if (!decision.allowed || !option) transcript.deny({ title, reason: decision.allowed ? 'it can not be allowed once' : decision.reason });
  return { outcome: option ? { outcome: 'selected', optionId: option.optionId } : { outcome: 'cancelled' } };
};

const diffsIn = (content: NonNullable<RequestPermissionRequest['toolCall']['content']>): readonly { readonly path: string }[] =>
  content.flatMap((part) => (part.type === 'diff' ? [{ path: part.path }] : []));

/**
 * How names of arguments end that are paths, such as `file_path`, `destination`, `targetFile`, `to`: what an agent does
 * counts, not only what it shows. What has such a name and is no path lies inside the workspace.
 */
const PATH_NAME = /(?:path|file|filename|dir|directory|folder|source|src|destination|dest|target|from|to)s?$/i;
/** Arguments that are deeper, or name more places, are not looked through, and so not allowed. */
const MAX_DEPTH = 6;
const MAX_PATHS = 1_000;

const pathsIn = (input: unknown, isPath = false, depth = 0): readonly string[] => {
  if (typeof input === 'string') return isPath ? [input] : [];
  if (typeof input !== 'object' || input === null) return [];
  const paths =
    depth > MAX_DEPTH
      ? undefined
      : Object.entries(input).flatMap(([name, value]) => pathsIn(value, Array.isArray(input) ? isPath : PATH_NAME.test(name), depth + 1));
  if (!paths || paths.length > MAX_PATHS) throw new RangeError('its arguments are too many to look through');
  return paths;
};
