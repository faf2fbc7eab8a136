/**
 * What some models think aloud stands in their text between tags, as the server's template leaves it there:
 * `<think>…</think>` (DeepSeek, Qwen), `<thinking>`, `<thought>`, `<reasoning>`, `[THINK]…[/THINK]` (Mistral),
 * `◁think▷…◁/think▷` (Kimi), `<|channel>…<channel|>` (Gemma), `<|channel|>analysis<|message|>…<|end|>` (gpt-oss).
 */
const NAME = '(?:[a-z]+:)?(?:think|thinking|thought|reasoning)';
const OPENING = new RegExp(`<${NAME}(?:\\s[^<>]{0,80})?>|\\[THINK\\]|◁think▷|<\\|channel>|<\\|channel\\|>(?:analysis|commentary)`, 'iy');
const CLOSING = new RegExp(`</${NAME}\\s*>|\\[/THINK\\]|◁/think▷|<channel\\|>`, 'iy');
const NEXT_CLOSING = new RegExp(`${CLOSING.source}|<\\|end\\|>|<\\|channel\\|>final<\\|message\\|>`, 'i');
/** What stands around an answer of gpt-oss, where its server leaves it there. */
const FRAME = /<\|start\|>assistant|<\|channel\|>final<\|message\|>|<\|(?:end|return)\|>/y;
/** What may become a tag when more comes. */
const UNFINISHED = new RegExp(
  `^(?:<\\|[a-z]{0,7}(?:\\|(?:>[a-z]{0,10}(?:<\\|?[a-z]{0,7}\\|?)?)?)?|<channel\\||</?(?:[a-z]{0,20}:?[a-z]{0,9}|${NAME}\\s[^<>]{0,80})|\\[/?[A-Z]{0,5}|◁/?[a-z]{0,5})$`,
  'i',
);
const LONGEST_TAG = 120;
/** A longer run of marks is taken in pieces: it fences nothing that anybody wrote. */
const LONGEST_RUN = 120;

/** Where a tag or code may begin, or a line. */
const MARK = /[`~<[◁\n]/;

/**
 * Passes a text on as it comes, without what is thought in it. A closing tag without an opening one, as templates that
 * open it themselves leave it, makes all before it a thought: it is taken back. Where that is to be expected
 * (`beginsInThought`), nothing is passed on before that tag; if it never comes, all of it is. Tags in code are text.
 */
export const makeThinkingFilter = (to: {
  readonly say: (text: string) => void;
  readonly takeBack: () => void;
  readonly beginsInThought?: boolean;
}) => {
  let held = '';
  let isThinking = to.beginsInThought === true;
  /** What is a thought only if it is closed. */
  let unsure = isThinking ? '' : undefined;
  let hasThought = false;
  let isUnopened = false;
  let isFramed = false;
  let code = makeCode();
  /** Space before the first word, and behind a thought that stood on lines of its own, is none of the answer's. */
  let skipsSpace = true;

  const say = (text: string): void => {
    const said = skipsSpace ? text.trimStart() : text;
    if (said === '') return;
    to.say(said);
    skipsSpace = false;
  };
  const endThought = (length: number): void => {
    if (unsure !== undefined) isUnopened = matchAtStart(OPENING, (unsure + held).trimStart()) === 0;
    held = held.slice(length);
    isThinking = false;
    hasThought = true;
    unsure = undefined;
  };
  const think = (length: number): void => {
    isFramed ||= held.startsWith('<|channel|>');
    // Within a sentence, a tag that nothing closes is spoken of.
    if (!skipsSpace && !code.isAtLineStart()) unsure = held.slice(0, length);
    held = held.slice(length);
    isThinking = hasThought = true;
    skipsSpace ||= code.isAtLineStart();
  };
  /** Behind a closing tag that stands alone. */
  const closeUnopened = (length: number): void => {
    held = held.slice(length);
    if (hasThought) return;
    hasThought = skipsSpace = isUnopened = true;
    code = makeCode();
    to.takeBack();
  };
  const dropFrame = (length: number): void => {
    held = held.slice(length);
    isFramed = true;
  };
  const pass = (length: number): void => {
    const text = held.slice(0, length);
    held = held.slice(length);
    code.read(text);
    say(text);
  };

  /** Deals with the beginning of what is held; false where more must come first. */
  const step = (isEnd: boolean): boolean => {
    if (isThinking) {
      const closing = NEXT_CLOSING.exec(held);
      if (closing) endThought(closing.index + closing[0].length);
      else {
        if (unsure !== undefined) unsure += held.slice(0, -LONGEST_TAG);
        held = held.slice(-LONGEST_TAG);
      }
      return closing !== null;
    }
    const at = held.search(MARK);
    if (at !== 0) pass(at < 0 ? held.length : at);
    else if (held[0] === '`' || held[0] === '~') {
      const run = (/^`+|^~+/.exec(held) as RegExpExecArray)[0];
      if (run.length === held.length && run.length < LONGEST_RUN && !isEnd) return false;
      pass(run.length);
    } else if (held[0] === '\n' || code.isOpen()) pass(1);
    else {
      const [opening, closing] = [matchAtStart(OPENING, held), matchAtStart(CLOSING, held)];
      const frame = isFramed || skipsSpace ? matchAtStart(FRAME, held) : 0;
      if (opening > 0) think(opening);
      else if (frame > 0) dropFrame(frame);
      else if (closing > 0) closeUnopened(closing);
      else if (!isEnd && UNFINISHED.test(held)) return false;
      else pass(1);
    }
    return held !== '';
  };

  return {
    read(text: string): void {
      held += text;
      while (held !== '' && step(false));
    },
    /** `isCut`: the model did not come to its end, so what was not closed is a thought. */
    end(isCut = false): void {
      while (held !== '' && step(true));
      if (unsure === undefined || isCut) return;
      [held, unsure, isThinking] = [unsure + held, undefined, false];
      // No tag closes anything in it.
      if (hasThought) pass(held.length);
      while (held !== '' && step(true));
    },
    /** Whether its template opened a thought, which the text then closed. */
    beganInThought: (): boolean => isUnopened,
  };
};

const matchAtStart = (tag: RegExp, text: string): number => {
  tag.lastIndex = 0;
  return tag.exec(text)?.[0].length ?? 0;
};

/** Whether a text that is read in pieces stands in code: in a fence, or between backticks of one line. */
const makeCode = () => {
  let fence = '';
  let span = 0;
  let isLineStart = true;
  return {
    isOpen: (): boolean => fence !== '' || span > 0,
    isAtLineStart: (): boolean => isLineStart,
    /** A run of one mark, or text without any. */
    read(text: string): void {
      const isFence = isLineStart && /^(?:`{3,}|~{3,})$/.test(text);
      if (fence !== '') {
        if (isFence && text.startsWith(fence)) fence = '';
      } else if (isFence) fence = text;
      else if (text.startsWith('`')) span = span === 0 ? text.length : span === text.length ? 0 : span;
      if (text === '\n') [span, isLineStart] = [0, true];
      else isLineStart &&= /^[\s>*+\-\d.]*$/.test(text);
    },
  };
};
