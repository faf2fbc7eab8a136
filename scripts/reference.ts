import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** A text in a cell of a table. */
export const cell = (text: string): string => text.replaceAll('|', '\\|');

/** A row of a table. */
export const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Writes the file at `path` where `script`, the `import.meta.url` of a module, is what Node runs. */
export const writeWhenRun = (script: string, path: string, text: () => string): void => {
  if (script === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(path, text());
};
