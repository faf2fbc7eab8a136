import { expect } from 'chai';
import { makeThinkingFilter } from '../../../src/ports/adapter-kit/thinking-filter.ts';

const THOUGHT = 'Let me see.\nsecret `x` ```\n';

/** What is left of a text that comes in pieces of `size`. */
const shown = (text: string, size = text.length, beginsInThought = false): { readonly text: string; readonly takenBack: string[] } => {
  let said = '';
  const takenBack: string[] = [];
  const filter = makeThinkingFilter({
    beginsInThought,
    say: (more) => {
      said += more;
    },
    takeBack: () => {
      takenBack.push(said);
      said = '';
    },
  });
  for (let at = 0; at < text.length; at += Math.max(1, size)) filter.read(text.slice(at, at + Math.max(1, size)));
  filter.end();
  return { text: said, takenBack };
};

describe('what a model thinks aloud between tags', () => {
  const answers: readonly (readonly [what: string, text: string, left: string])[] = [
    ['<think>', `<think>\n${THOUGHT}\n</think>\n\nThe answer is 42.`, 'The answer is 42.'],
    ['<thinking>', `<thinking>${THOUGHT}</thinking>The answer is 42.`, 'The answer is 42.'],
    ['<reasoning>', `<reasoning>${THOUGHT}</reasoning> The answer is 42.`, 'The answer is 42.'],
    ['<thought>', `<thought>${THOUGHT}</thought>\nThe answer is 42.`, 'The answer is 42.'],
    ['a tag in capitals', `<THINK>${THOUGHT}</Think>The answer is 42.`, 'The answer is 42.'],
    ['a tag with a prefix', `<seed:think>${THOUGHT}</seed:think>The answer is 42.`, 'The answer is 42.'],
    ['a tag with an attribute', `<think time="3">${THOUGHT}</think >The answer is 42.`, 'The answer is 42.'],
    ['Mistral’s', `[THINK]${THOUGHT}[/THINK]The answer is 42.`, 'The answer is 42.'],
    ['Kimi’s', `◁think▷${THOUGHT}◁/think▷The answer is 42.`, 'The answer is 42.'],
    ['Gemma’s', `<|channel>thought\n${THOUGHT}<channel|>The answer is 42.`, 'The answer is 42.'],
    ['Gemma’s, without a name', `<|channel>\n${THOUGHT}<channel|>\nThe answer is 42.`, 'The answer is 42.'],
    [
      'gpt-oss’s',
      `<|channel|>analysis<|message|>${THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>The answer is 42.<|return|>`,
      'The answer is 42.',
    ],
    [
      'gpt-oss’s, without an end',
      `<|channel|>analysis<|message|>${THOUGHT}<|channel|>final<|message|>The answer is 42.`,
      'The answer is 42.',
    ],
    ['gpt-oss’s, without its answer’s frame', `<|channel|>analysis<|message|>${THOUGHT}<|end|>The answer is 42.`, 'The answer is 42.'],
    ['what gpt-oss tells its tools', '<|channel|>commentary<|message|>{"path":"/"}<|end|>', ''],
    ['the frame of gpt-oss’s answer', '<|channel|>final<|message|>The answer is 42.<|end|>', 'The answer is 42.'],
    ['behind some space', `\n\n  <think>${THOUGHT}</think>\n\nThe answer is 42.`, 'The answer is 42.'],
    ['empty', '<think>\n\n</think>\n\nThe answer is 42.', 'The answer is 42.'],
    ['between two paragraphs', `I look.\n\n<think>${THOUGHT}</think>\n\nThe answer is 42.`, 'I look.\n\nThe answer is 42.'],
    ['twice', '<think>a</think>One.\n<think>b</think>\nTwo.', 'One.\nTwo.'],
    ['in the middle of a line', 'Well, <think>secret</think>42.', 'Well, 42.'],
    ['that never ends', `<think>${THOUGHT}`, ''],
    ['that never ends, behind an answer', 'The answer is 42.\n<think>secret', 'The answer is 42.\n'],
    ['and a closing tag too many', '<think>a</think>The answer is 42.</think>', 'The answer is 42.'],
  ];
  for (const [what, text, left] of answers)
    it(`${what} is left out, however it is cut into pieces`, () => {
      for (let size = 1; size <= text.length; size++)
        expect(shown(text, size), `pieces of ${size}`).to.deep.equal({ text: left, takenBack: [] });
    });

  it('a closing tag alone takes back all that stands before it', () => {
    for (const text of [`${THOUGHT.replaceAll('`', '')}</think>\n\nThe answer is 42.`, 'secret</think>The answer is 42.'])
      for (let size = 1; size <= text.length; size++) {
        const { text: left, takenBack } = shown(text, size);
        expect(left).to.equal('The answer is 42.');
        expect(takenBack).to.have.length(1);
      }
  });

  it('where the template opens them, nothing of them is shown, and an answer without them is whole', () => {
    for (const [text, left] of [
      [`${THOUGHT}</think>\n\nThe answer is 42.`, 'The answer is 42.'],
      [`<think>${THOUGHT}</think>The answer is 42.`, 'The answer is 42.'],
      ['The answer is 42.', 'The answer is 42.'],
      [`${'The answer is 42. '.repeat(20)}\n\`\`\`\n<b>\n\`\`\``, `${'The answer is 42. '.repeat(20)}\n\`\`\`\n<b>\n\`\`\``],
    ] as const)
      for (let size = 1; size <= text.length; size++)
        expect(shown(text, size, true), `pieces of ${size}`).to.deep.equal({ text: left, takenBack: [] });
  });

  for (const [what, text] of [
    ['in a block', 'Like this:\n```xml\n<think>\na\n</think>\n```\nDone.'],
    ['in a block of tildes', '~~~\n<think>\n</think>\n~~~\nDone.'],
    ['in a longer block', '````\n```\n<think>\n```\n</think>\n````'],
    ['in a list’s block', '- so:\n  ```\n  <think>\n  ```\n- done'],
    ['in a line', 'The tags `<think>` and `</think>` mark it; ``<think>`` too.'],
    ['of other names', '<thinker>a</thinker> <b>bold</b> a < b [x](y) [THINKER] ◁x▷ </p>'],
    ['that are none yet', 'a <think'],
    ['of gpt-oss that a sentence speaks of', 'A message ends with <|end|> there, and its channel is <|channel|>final<|message|>.'],
    ['that a sentence speaks of', 'Models write <think> before they answer.\nIt is never closed here, and **this** stays.'],
    ['that a sentence names twice', 'Some write <think> and others <thinking> or <reasoning> first.'],
  ] as const)
    it(`tags ${what} are text`, () => {
      for (let size = 1; size <= text.length; size++) expect(shown(text, size).text, `pieces of ${size}`).to.equal(text);
    });

  it('takes no longer for a text that is made to be slow', () => {
    for (const part of ['<', '`', '~', '<think ', '</', '[', '<think>', '</think>', '`<think>`\n', '<|', '<|channel|>', '<|end|>']) {
      const text = part.repeat(120_000 / part.length);
      const before = process.cpuUsage();
      shown(text);
      shown(text, 7);
      // What other programs take of the machine does not count.
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000, `ms for ${part}`).to.be.below(300);
    }
  });
});
