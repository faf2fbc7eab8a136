import { PROMISE_STATUSES } from '../../domain/promise/promise.ts';
import * as refuse from './refusals.ts';
import type { Request } from './request.ts';

type Rule = (words: string) => Request | undefined;

/** By the first rule that knows the words, which are without courtesies and a full stop. */
export const ruled = (words: string): Request => {
  for (const rule of RULES) {
    const request = rule(words);
    if (request) return request;
  }
  return { kind: 'unknown' };
};

export const refused = (answer: string): Request => ({ kind: 'refused', answer });

const MARKED = /^(?:count|how many)(?: up)?(?: all)?(?: of)?(?: the)? (todo|fixme|hack|xxx)'?s?(?: comments?| markers?)?(.*)$/i;

/** What tells like requests apart: `(run 7)`, `[b]`, `#7`, `, run number 7`, `7`. Passed over. */
const LABEL =
  /(?: ?\([^()]{0,80}\)| ?\[[^[\]]{0,80}\]|(?: |, ?|: ?|; ?| - ?)(?:(?:run|number|no\.?|nr\.?|task|request|message|item|test) ?){0,3}#?\d{1,9}-?)$/i;

const count: Rule = (words) => {
  if (/^(?:count|how many)(?: comments?)?$/i.test(words)) return refused(refuse.countWhat);
  const [, marker, rest] = MARKED.exec(words.replace(LABEL, '')) ?? [];
  if (marker === undefined || rest === undefined) return undefined;
  const where = rest.replace(/^ (?:are there|are|there are|do we have|we have)(?= |$)/i, '');
  const path = placeAfterIn(where);
  return path === undefined ? undefined : { kind: 'count', marker: marker.toUpperCase(), ...path };
};

const countTo: Rule = (words) => {
  const [, before, to = '', after] = /^count( slowly)?(?: up)?(?: from (?:1|one))? to(?: (\S+))?( slowly)?$/i.exec(words) ?? [];
  if (!/^count( slowly)?(?: up)?(?: from (?:1|one))? to\b/i.test(words)) return undefined;
  const number = /^\d{1,4}$|^1,000$/.test(to) ? Number(to.replace(',', '')) : 0;
  return number >= 1 && number <= MAX_COUNT
    ? { kind: 'count-to', to: number, slowly: (before ?? after) !== undefined }
    : refused(refuse.countLimits);
};

/** Slowly, one number a second. */
const MAX_COUNT = 1_000;

const search: Rule = (words) => {
  if (/^(?:search|grep|look|find)(?: for)?(?: ["'`“”]*)?(?: in \S+)?$/i.test(words)) return refused(refuse.searchForWhat);
  const rest = /^(?:search for|search|grep for|grep|look for|find) (.+)$/i.exec(words)?.[1];
  if (rest === undefined) return undefined;
  const quoted = /^(?:"(.+)"|'(.+)'|`(.+)`|“(.+)”|\/(.+)\/)( in .+)?$/.exec(rest);
  if (quoted) {
    const term = quoted.slice(1, 6).find((part) => part !== undefined);
    const path = placeAfterIn(quoted[6] ?? '');
    if (term !== undefined && path) return { kind: 'search', term, isPattern: quoted[5] !== undefined, ...path };
  }
  const at = rest.toLowerCase().lastIndexOf(' in ');
  const path = at > 0 ? placeAfterIn(rest.slice(at)) : undefined;
  return { kind: 'search', term: path ? rest.slice(0, at) : rest, isPattern: false, ...path };
};

const listFiles: Rule = (words) => {
  if (/^list(?: me)?$/i.test(words)) return refused(refuse.listWhat);
  if (/^(?:list|show)(?: me)?(?: all)?(?: the)? files (?:in|under|inside|of)$/i.test(words)) return refused(refuse.filesWhere);
  const rest = /^(?:list|show)(?: me)?(?: all)?(?: the)? files(.*)$/i.exec(words)?.[1];
  const path = rest === undefined ? undefined : placeAfterIn(rest);
  return path && { kind: 'list-files', ...path };
};

const readFile: Rule = (words) => {
  if (/^(?:read|open|cat|show)(?: me)?(?: the| a)?(?: file)?$/i.test(words)) return refused(refuse.readWhat);
  const read = /^(?:read|open|cat)(?: the)?(?: file)? (.+)$/i.exec(words)?.[1];
  const shown = /^show(?: me)?(?: the)?(?: file)? (.+)$/i.exec(words)?.[1];
  const path = asPath(read ?? shown ?? '');
  if (path === undefined) return read !== undefined && /[./]/.test(read) ? refused(refuse.quotePath('read', read)) : undefined;
  // "show me" is said of much else than files.
  return read === undefined && !/[./]/.test(path) ? undefined : { kind: 'read-file', path };
};

/** Without a number behind it. */
const CANCEL_WHAT =
  /^(?:cancel|abort)\b|^(?:stop|drop|end)(?: (?:(?:all|every|everything|my|the|a|it|that|this)(?: |$)|(?:promises?|schedules?|#).*)|$)/i;

const promises: Rule = (words) => {
  if (/^(?:promise|make(?: me)? a promise|promise me(?: something)?)$/i.test(words)) return refused(refuse.promiseWhat);
  const isNumbered = /(?:^| )#?\d{1,15}(?: doing| going)?$/.test(words);
  if (!isNumbered && CANCEL_WHAT.test(words)) return refused(refuse.cancelWhat);
  const again = /^(?:retry|try again|redo|rerun|repeat|restart)(?: the)?(?: promise)?(?: #?(.{1,30}))?$/i.exec(words);
  if (again) return refused(/^\d{1,15}$/.test(again[1] ?? '') ? refuse.retryByCommand(again[1] ?? '') : refuse.retryWhat);
  if (/^(?:what is|what's|whats|show|how is|status of|what about)(?: me)?(?: the)? promise(?: .{1,30})?$/i.test(words) && !isNumbered)
    return refused(refuse.whichPromise);
  const listed = /^(?:list|show|what are)?(?: ?me)? ?(?:all )?(?:my|the|our)? ?(?:(\w+(?:[ _-]progress)?) )?promises$/i.exec(words);
  if (listed) {
    const status = PROMISE_STATUSES.find((known) => known === listed[1]?.toLowerCase().replace(/[ -]/, '_'));
    if (listed[1] === undefined || /^all$/i.test(listed[1])) return { kind: 'list-promises' };
    return status && { kind: 'list-promises', status };
  }
  const cancelled = numbered(/^(?:cancel|stop|drop)(?: the)?(?: promise)? #?(\d{1,15})$/i, words);
  if (cancelled !== undefined) return { kind: 'cancel-promise', id: cancelled };
  const asked = numbered(
    /^(?:what is|what's|whats|show|how is|status of|what about)(?: me)?(?: the)? promise #?(\d{1,15})(?: doing| going)?$/i,
    words,
  );
  return asked === undefined ? undefined : { kind: 'find-promise', id: asked };
};

const schedules: Rule = (words) => {
  if (/^(?:schedule|make a schedule)(?: it| this| that)?$/i.test(words)) return refused(refuse.scheduleWhat);
  if (/^(?:list|show|what are)?(?: ?me)? ?(?:all )?(?:my|the|our)? ?schedules$/i.test(words)) return { kind: 'list-schedules' };
  const ended = numbered(/^(?:cancel|stop|end)(?: the)? schedule #?(\d{1,15})$/i, words);
  return ended === undefined ? undefined : { kind: 'cancel-schedule', id: ended };
};

/** A longer sample shows nothing that this one does not. */
const MAX_SAMPLE = 100_000;

const write: Rule = (words) => {
  if (/^write(?: [\d.,+-]{1,20})?$/i.test(words)) return refused(refuse.writeLimits);
  const asked = /^write(?: (\S{1,20}))? characters?( slowly)?$/i.exec(words);
  if (!asked) return undefined;
  const [, amount = '', slowly] = asked;
  const characters = /^\d{1,6}$|^\d{1,3},\d{3}$/.test(amount) ? Number(amount.replace(',', '')) : 0;
  return characters >= 1 && characters <= MAX_SAMPLE
    ? { kind: 'write', characters, slowly: slowly !== undefined }
    : refused(refuse.writeLimits);
};

/** What no honest model does, so that it can be seen what becomes of it. */
const claim: Rule = (words) => {
  const claimed = /^(keep )?claim(?:ing)?(?: work)? without(?: a)? promise$/i.exec(words);
  return claimed ? { kind: 'claim', again: claimed[1] !== undefined } : undefined;
};

const askNotion: Rule = (words) => {
  const question = /^(?:ask|query|look in|search) notion(?: for| about)?[,:]? (.+)$/i.exec(words)?.[1];
  return question === undefined ? undefined : { kind: 'ask-notion', question };
};

const help: Rule = (words) =>
  /^\/?(?:help(?: me)?|what can (?:you|i) (?:do|say|ask)|what do you understand|commands|examples)$/i.test(words)
    ? { kind: 'help' }
    : undefined;

const RULES: readonly Rule[] = [help, askNotion, schedules, count, countTo, promises, listFiles, search, readFile, write, claim];

const numbered = (pattern: RegExp, words: string): number | undefined => {
  const id = pattern.exec(words)?.[1];
  return id === undefined ? undefined : Number(id);
};

/** What follows ` in `: a path, or the whole project (an empty object); undefined where it is neither. */
const placeAfterIn = (rest: string): { readonly path?: string } | undefined => {
  if (rest.trim() === '') return {};
  const place = /^ (?:in|under|inside) (.+)$/i.exec(rest)?.[1];
  if (place === undefined) return undefined;
  if (/^(?:here|(?:(?:this|the|our|my|whole|entire) ?)*(?:project|repository|repo|workspace|codebase|code|directory|folder))$/i.test(place))
    return {};
  const path = asPath(place.replace(/^(?:the )?(\S+) (?:folder|directory)$/i, '$1'));
  return path === undefined ? undefined : { path };
};

/** One word, or anything in quotes. */
const asPath = (text: string): string | undefined => {
  const quoted = /^(["'`])(.+)\1$/.exec(text)?.[2];
  return quoted ?? (/^\S+$/.test(text) ? text : undefined);
};
