import type { Media } from '../../domain/conversation/media.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import type { ModelServerNotices } from '../events.ts';
import type { PortError } from '../port-error.ts';
import { mediaKey, type Unshown } from './shown-media.ts';

/** A request with media in it that was refused. */
export interface RefusedRequest {
  /** `LanguageModel.name`. Where a refusal repeats it, that says nothing about media. */
  readonly name: string;
  /** All that people have sent. */
  readonly media: readonly Media[];
  /** How it was sent. */
  readonly unshown: Unshown;
  /** The part of a message that a refusal may point to, by the numbers of both. */
  readonly partAt: (message: number, part: number) => unknown;
  /** Whether the model is known to take media: what is wrong then is wrong with those that were sent. */
  readonly isKnown: boolean;
  /** How often media were left out of this request before. */
  readonly rounds: number;
}

/** In what way to ask one request again. Whether that helps is not known before it is taken. */
export interface LeftOut {
  readonly unshown: Unshown;
  /** Whether the refusal speaks of media, and of nothing else. */
  readonly isSure: boolean;
  /** What it was refused for. */
  readonly failure: PortError;
  /** How often media were left out of it, this time included. */
  readonly rounds: number;
}

/**
 * After the first number of refusals, all media of a request are left out together; after the second, the request is
 * given up: something else is wrong with it.
 */
const MAX_SINGLE = 3;
const MAX_ROUNDS = 6;
/** So many single ones are remembered. */
const MAX_ITEMS = 200;

/**
 * What to leave out of a refused request, so that it may be asked once more; undefined where media have no part in it.
 * It holds for good only if the request is taken then.
 * - What the model lacks (it sees no pictures, its server knows no files) is left out as a kind.
 * - What is wrong with one of them (damaged, too large, locked) is left out alone where the refusal points to it, else
 *   all that it speaks of.
 * - Any other refusal may come of them, too: servers say it in many ways, or not at all.
 * A request that is too long with its media is not shortened here: whoever asks knows which of them matter.
 */
export const leaveOut = (failure: PortError, request: RefusedRequest): LeftOut | undefined => {
  const way = nextWay(failure, request);
  return way && { ...way, failure, rounds: request.rounds + 1 };
};

type Way = Pick<LeftOut, 'unshown' | 'isSure'>;

const nextWay = (failure: PortError, request: RefusedRequest): Way | undefined => {
  const { name, media, unshown, isKnown, rounds } = request;
  const words = failure.message.replaceAll(name, '').replace(/^.*?\bHTTP \d+: /s, '');
  const told = new Set(unshown.items.map(({ key }) => key));
  const items = (some: readonly Media[], why: string, isSure: boolean): Way => ({ unshown: withItems(unshown, some, why), isSure });
  if (rounds >= MAX_ROUNDS) return undefined;
  const sent = media.filter((one) => !unshown.kinds.includes(one.kind) && !told.has(mediaKey(one)));
  if (sent.length === 0) return undefined;

  const about = sent.filter(({ kind }) => WORDS[kind].test(words));
  const isBroken = BROKEN.test(words);
  const isLacking = !isBroken && LACKS.test(words);
  if (!(failure.code === 'invalid-request' || (ELSEWHERE.has(failure.code) && about.length > 0 && (isBroken || isLacking))))
    return undefined;
  const why = words.replace(/^(?:messages|input)\W\S*: /, '');
  if (rounds >= MAX_SINGLE) return items(sent, why, true);

  const placed = placedIn(words, sent, request);
  if (isLacking && !(isKnown && placed)) return kinds(unshown, about.length > 0 ? about : sent, about.length > 0);
  if (placed) return items([placed], why, true);
  const most = Number(MOST_PICTURES.exec(words)?.[1] ?? Number.NaN);
  const pictures = sent.filter(({ kind }) => kind === 'picture');
  if (most === 0) return kinds(unshown, pictures, true);
  if (most < pictures.length) return items(pictures.slice(0, -most), why, true);
  if (isBroken || isKnown) return about.length > 0 ? items(about, why, true) : items(sent, 'it was refused', false);
  if (about.length > 0) return kinds(unshown, about, true);
  const likeliest = UNUSUAL.find((kind) => sent.some((one) => one.kind === kind));
  return kinds(
    unshown,
    sent.filter(({ kind }) => kind === likeliest),
    false,
  );
};

/** Both together: what one request has learned beside another. */
export const bothUnshown = (one: Unshown, other: Unshown): Unshown => {
  const known = new Set(one.items.map(({ key }) => key));
  return {
    kinds: [...new Set([...one.kinds, ...other.kinds])],
    items: [...one.items, ...other.items.filter(({ key }) => !known.has(key))].slice(-MAX_ITEMS),
  };
};

/**
 * What a model is not shown from now on: a request was taken without these media. The log is told how many they are,
 * and nothing of what is in them.
 */
export const rememberLeftOut = (known: Unshown, { unshown, failure }: LeftOut, notice: ModelServerNotices): Unshown => {
  const both = bothUnshown(known, unshown);
  notice('dialect-learnt', { reason: excerpt(failure.message, 300), mediaNotShown: { kinds: both.kinds, files: both.items.length } });
  return both;
};

/** A server knows the first of these least often. */
const UNUSUAL: readonly Media['kind'][] = ['pdf', 'text', 'picture'];

/** Refusals that stand under another status: OpenRouter's 404, llama.cpp's 500. */
const ELSEWHERE: ReadonlySet<string> = new Set(['not-found', 'unavailable']);

const withItems = (unshown: Unshown, some: readonly Media[], why: string): Unshown =>
  bothUnshown(unshown, { kinds: [], items: some.map((one) => ({ key: mediaKey(one), why })) });

const kinds = (unshown: Unshown, some: readonly Media[], isSure: boolean): Way => ({
  unshown: bothUnshown(unshown, { kinds: some.map(({ kind }) => kind), items: [] }),
  isSure,
});

/** The one that a refusal points to: `messages.2.content.0.pdf`, `messages[3].content[2]`, `input[0].content[1]`. */
const placedIn = (words: string, sent: readonly Media[], { partAt }: RefusedRequest): Media | undefined => {
  const [, message, part] = PLACE.exec(words) ?? [];
  if (message === undefined) return undefined;
  const json = JSON.stringify(partAt(Number(message), Number(part))) ?? '';
  return sent.find((one) => one.kind !== 'text' && json.includes(one.base64) && (one.kind === 'pdf' || json.includes(one.type)));
};
const PLACE = /\b(?:messages|input)\W{1,3}(\d+)\W{1,3}content\W{1,3}(\d+)/;

/** How refusals call each kind. */
const WORDS: Readonly<Record<Media['kind'], RegExp>> = {
  picture: /\bimages?\b|\bpictures?\b|\bimage_url\b|\binput_image\b|\bvision\b|\bmulti-?modal\b|\bmmproj\b/i,
  pdf: /\bpdfs?\b|\bdocuments?\b|\binput_file\b|\bfile_data\b|[`'"]file[`'"]|\bfile (?:content|input|part|type|data)/i,
  text: /\bdocuments?\b/i,
};

/** One of them is not as it must be: Anthropic, OpenAI, Gemini, vLLM, llama.cpp. */
const BROKEN = new RegExp(
  [
    'could not (?:be )?(?:process|decode|load|read|open|parse)|(?:failed|unable) to (?:load|decode|read|open|parse)',
    'does not match|exceed|dimension|too (?:large|big|small|many|long)|at most \\d|maximum of \\d',
    'password|encrypted|corrupt|(?:is|be) empty|not (?:a )?valid|valid image|invalid (?:image|pdf|file|base64|data\\b)',
    'unsupported (?:image|mime|format|file)|(?:format|mime type|media type)\\b.{0,40}(?<!functionality )\\bnot supported',
  ].join('|'),
  'i',
);

/** The model, or its server, takes none of them: OpenAI, OpenRouter, Ollama, vLLM, llama.cpp, DeepSeek, Groq. */
const LACKS = new RegExp(
  [
    "(?:not|n't|never) (?:currently |yet )?(?:be )?(?:support|accept|take\\b|allow|permit|enabled|available)",
    'unsupported (?:content|modality|input|message|part|block|type)|only supported (?:by|with|on|for)|no endpoints found',
    'unknown (?:variant|type|content)|not a (?:multi-?modal|vision)|text[- ]only|\\bmmproj\\b|missing data required',
    '(?:must be|expected) (?:a |an? valid )?string|expected [`\'"]?text|extra inputs|untagged enum|allowed values',
  ].join('|'),
  'i',
);

/** vLLM. */
const MOST_PICTURES = /\bat most (\d+) image/i;
