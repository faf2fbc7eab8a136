import { shown } from './answers.ts';

interface Entry {
  readonly title: string;
  readonly status?: string;
  readonly url: string;
}

/**
 * The entries that query_notion gave, each with its title, status and link: those whose status the question names,
 * else all. What is no list of entries is shown as it came.
 */
export const notionAnswer = (question: string, output: string): string => {
  const entries = entriesIn(output);
  if (entries.length === 0) return shown('What query_notion says', output);
  const asked = question.toLowerCase();
  const named = entries.filter(({ status }) => status !== undefined && asked.includes(status.toLowerCase()));
  const told = named.length > 0 ? named : entries;
  const head = `${told.length === 1 ? '1 entry' : `${told.length} entries`}${named.length > 0 ? ', by the status that you named' : ' of the first page'}:`;
  return [head, ...told.map(({ title, status = 'no status', url }) => `- ${title} (${status}): ${url}`)].join('\n');
};

const entriesIn = (output: string): readonly Entry[] =>
  [...output.matchAll(/^\d+\. (.+)\n(?: {3}Status: (.+)\n)? {3}(https?:\S+)$/gm)].map(([, title = '', status, url = '']) => ({
    title,
    url,
    ...(status === undefined ? {} : { status }),
  }));
