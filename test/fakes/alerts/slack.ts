import { isClean, isObject, jsonOf, openStandIn, type ReceivedRequest, strangers } from './stand-in.ts';

export const SLACK_PATH = '/services/T00000000/B00000000/abcDEF0123456789abcDEF01';

/**
 * An incoming webhook of Slack, for messages of sections (docs.slack.dev/reference/block-kit): at most 50 blocks, each
 * of at most 3,000 characters, in which `&`, `<` and `>` that are no markup are escaped, and nobody is called.
 */
export const openSlack = () =>
  openStandIn((asked) => {
    if (asked.path !== SLACK_PATH) return { status: 404, body: 'no_service', problem: `no_service: ${asked.path}` };
    const problem = problemOf(asked);
    return problem === undefined ? { status: 200, body: 'ok', type: 'text/html' } : { status: 400, body: 'invalid_blocks', problem };
  });

const problemOf = (asked: ReceivedRequest): string | undefined => {
  const message = jsonOf(asked);
  if (asked.method !== 'POST' || !isObject(message)) return 'this is no message';
  const { text, blocks } = message;
  const unknown = strangers(message, ['text', 'blocks']);
  if (unknown.length > 0) return `what is ${unknown.join()}?`;
  if (typeof text !== 'string' || text === '' || text.length > 40_000 || !isSafe(text))
    return 'the text is missing, too long, or not escaped';
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 50) return 'there are no blocks, or too many';
  return blocks.map(problemOfBlock).find((problem) => problem !== undefined);
};

const problemOfBlock = (block: unknown): string | undefined => {
  if (!isObject(block) || block.type !== 'section' || strangers(block, ['type', 'text']).length > 0) return 'this is no section';
  const { text } = block;
  if (!isObject(text) || text.type !== 'mrkdwn' || typeof text.text !== 'string') return 'a section has no text';
  if (text.text.length < 1 || text.text.length > 3_000) return `a section has ${text.text.length} characters`;
  return isSafe(text.text) ? undefined : 'a section is not escaped, or calls somebody';
};

const isSafe = (text: string): boolean => isClean(text) && !/[<>]/.test(text) && !/&(?!amp;|lt;|gt;)/.test(text);
