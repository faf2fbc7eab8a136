import { readEnvFile } from '../../config/index.ts';
import { InvalidValueError } from '../../domain/index.ts';

/**
 * The text of a `.env` file with these variables set, and everything else as it was: an assignment is replaced where it
 * stands, an example that is commented out becomes one, and what is not there yet comes at the end. Throws
 * InvalidValueError for a value that the file can't hold.
 */
export const withVariables = (text: string, values: ReadonlyMap<string, string>): string => {
  let lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  for (const [name, value] of values) lines = withVariable(lines, name, value);
  const after = `${lines.join('\n')}\n`;
  const { variables } = readEnvFile(Buffer.from(after));
  for (const [name, value] of values)
    if (variables[name] !== value) throw new InvalidValueError(`the value of ${name} can't be written to .env: set it in the environment`);
  return after;
};

const withVariable = (lines: readonly string[], name: string, value: string): string[] => {
  const { variables, lines: places } = readEnvFile(Buffer.from(lines.join('\n')));
  const line = `${name}=${quoted(value)}`;
  const at = places.get(name);
  // A value may go over several lines.
  if (at !== undefined) return lines.toSpliced(at - 1, (variables[name] ?? '').split('\n').length, line);
  const example = lines.findIndex((each) => new RegExp(`^#\\s*${name}=`).test(each));
  return example === -1 ? [...lines, line] : lines.toSpliced(example, 1, line);
};

const quoted = (value: string): string => {
  if (/^[\w.,:/@%+=-]*$/.test(value)) return value;
  const mark = ["'", '"', '`'].find((each) => !value.includes(each));
  return mark === undefined ? value : `${mark}${value}${mark}`;
};
