import { setTimeout as wait } from 'node:timers/promises';
import { type ChatRequest, openChatPeer } from '../fakes/openai/peer.ts';
import { OPENAI } from '../fakes/openai/servers.ts';
import { chunks } from './openai-chunks.ts';

/** How long the model takes for a reply. */
const REPLY_MS = 15;

/** One life of a process, from its start to its kill. */
export interface Life {
  readonly role: string;
  readonly path: string;
  killed: boolean;
}

/** A request of a run: for which of its replies, by whom, and when. */
export interface Asked {
  readonly run: string;
  readonly reply: number;
  readonly by: Life;
  /** In ms since 1970. */
  readonly at: number;
  /** The one who asked before for this run had been killed by then. */
  readonly isAfterDeath: boolean;
}

/** The run that a request is of, and the results of tools that it shows. */
const runIn = ({ messages, tools = [] }: ChatRequest) => {
  const said = messages.flatMap(({ role, content }) => (role === 'user' ? [String(content ?? '')] : [])).join('\n');
  const [name = ''] = /(?:turn|work)-\d+/.exec(said) ?? [];
  const results = messages.flatMap(({ role, content }) => (role === 'tool' ? [String(content ?? '')] : []));
  const isPromise = JSON.stringify(tools).includes('"report_failure"');
  return { name, results, isPromise, run: name.startsWith('work') && !isPromise ? `asked ${name}` : name };
};

/**
 * A model that asks for one call of a tool in each of `steps` replies, and then ends the run: a turn reads, a promise
 * counts. Each life of a process has an address of its own here, so that it is known who asks for what.
 */
export const openJournalModel = async (steps: number) => {
  const asked: Asked[] = [];
  const lives = new Map<string, Life>();
  /** The steps of each promise whose outcome its run was told to be unknown. */
  const unknown = new Map<string, readonly number[]>();

  const peer = await openChatPeer(async (request, _, path) => {
    const { name, results, isPromise, run } = runIn(request);
    const by = lives.get(path.split('/')[1] ?? '');
    if (!by) throw new Error(`nobody asks at ${path}`);
    const last = asked.findLast((each) => each.run === run);
    asked.push({ run, reply: results.length, by, at: Date.now(), isAfterDeath: last?.by.killed ?? false });
    await wait(REPLY_MS);
    if (run !== name)
      return results.length === 0 ? chunks.call('make_promise', { description: `Count for ${name}.` }) : chunks.text('It is promised.');
    if (results.length < steps)
      return isPromise
        ? chunks.call('mcp__counter__count', { what: `${name}-${results.length}` })
        : chunks.call('read_file', { path: 'src/one.ts' });
    const isUnknown = (text: string): boolean => text.includes('The process ended while mcp__counter__count ran');
    unknown.set(
      name,
      results.flatMap((text, at) => (isUnknown(text) ? [at] : [])),
    );
    return chunks.text(`All of ${name} is done.`);
  }, OPENAI);

  return {
    asked: asked as readonly Asked[],
    unknown: unknown as ReadonlyMap<string, readonly number[]>,
    broken: peer.broken,
    close: peer.close,
    /** A new life of that process, and the address at which it asks. */
    bear: (role: string): { readonly life: Life; readonly url: string } => {
      const life = { role, path: `${role}-${lives.size}`, killed: false };
      lives.set(life.path, life);
      return { life, url: peer.url.replace(/v1$/, `${life.path}/v1`) };
    },
    ofRun: (run: string): readonly Asked[] => asked.filter((each) => each.run === run),
    isEnded: (run: string): boolean => asked.some((each) => each.run === run && each.reply === steps),
  };
};

export type JournalModel = Awaited<ReturnType<typeof openJournalModel>>;
