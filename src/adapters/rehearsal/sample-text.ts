/** Every so many blocks stands one of code. */
const CODE_EVERY = 4;
const CODE_LINES = 40;
const FILLER = 'This fills what is left. ';

/**
 * Exactly so many UTF-16 units of Markdown that means nothing: numbered paragraphs, and blocks of code between them.
 */
export const sampleText = (characters: number): string => {
  let text = '';
  for (let number = 1; ; number++) {
    const next = `${text}${number % CODE_EVERY === 0 ? codeBlock(number) : paragraph(number)}\n\n`;
    if (next.length > characters) break;
    text = next;
  }
  return text + FILLER.repeat(Math.ceil((characters - text.length) / FILLER.length)).slice(0, characters - text.length);
};

const paragraph = (number: number): string =>
  `**Paragraph ${number}.** It means nothing, and is here to be long.${' One more sentence to make it longer.'.repeat(4 + (number % 5))}`;

/** With blank lines, as code has them: a chat that cuts at paragraphs must not take them for ends. */
const codeBlock = (number: number): string => {
  const lines = Array.from(
    { length: CODE_LINES },
    (_, at) => `block ${number}, line ${at + 1} of ${CODE_LINES}${at % 8 === 7 ? '\n' : ''}`,
  );
  return ['```text', ...lines, 'end', '```'].join('\n');
};
