import { z } from 'zod';
import { plural } from '../../domain/index.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { tenantIn } from '../../domain/workspace/policy.ts';
import type { Tool } from '../../ports/tool.ts';
import type { FileText, WorkspaceFiles } from '../../ports/workspace-files.ts';
import { boundedLines } from './bounded-text.ts';
import { defineTool } from './define-tool.ts';

/** Room for the note on what was cut. */
const READ_BYTES = 19_000;
const LISTED_ENTRIES = 500;
const LISTED_MATCHES = 100;
const LINE_LENGTH = 300;

const path = z.string().max(4096);

/** Tools that look at the workspace's directory, and can change nothing: `read_file`, `list_files`, `search_files`. */
export const makeFileTools = (files: WorkspaceFiles): Tool[] => [
  defineTool({
    name: 'read_file',
    description: `Reads a text file of the workspace, ${READ_BYTES} bytes at a time. Secrets in it are [redacted]; files of secrets can't be read.`,
    schema: z.object({
      path: path.min(1).describe('Path from the workspace directory, such as src/index.ts'),
      offset: z.number().int().min(0).optional().describe('Byte to start at; 0 when left out'),
    }),
    effect: 'reads',
    source: 'file',
    readsPrivate: true,
    activity: 'reading files',
    run: async ({ path, offset = 0 }, { scope, signal }) => {
      const readUpTo = async (maxBytes: number): Promise<FileText> => {
        const part = await files.read(scope.directory, path, { offset, maxBytes, signal });
        // `[redacted]` may be longer than the secret that it replaces.
        return part.text.length > READ_BYTES && maxBytes > 1_000 ? readUpTo(Math.floor(maxBytes / 2)) : part;
      };
      const { text, sizeBytes, endOffset, truncated } = await readUpTo(READ_BYTES);
      if (truncated) return `${text}\n[cut here: bytes ${offset} to ${endOffset} of ${sizeBytes}; read on with offset ${endOffset}]`;
      if (text !== '') return text;
      return offset === 0 ? '[the file is empty]' : `[nothing at offset ${offset}: the file has ${sizeBytes} bytes]`;
    },
  }),

  defineTool({
    name: 'list_files',
    description: 'Lists one directory of the workspace. Directories end with /, links with @; files tell their size.',
    schema: z.object({ path: path.optional().describe('Directory, from the workspace directory; that itself when left out') }),
    effect: 'reads',
    source: 'file',
    readsPrivate: true,
    activity: 'looking through files',
    run: async ({ path = '.' }, { scope, signal }) => {
      const { entries, truncated } = await files.list(scope.directory, path, { limit: LISTED_ENTRIES, signal });
      if (entries.length === 0) return '[the directory is empty]';
      const lines = entries.map(({ name, kind, sizeBytes }) => {
        if (kind === 'directory') return `${printable(name)}/`;
        if (kind === 'file') return sizeBytes === undefined ? printable(name) : `${printable(name)} (${sizeBytes} bytes)`;
        return kind === 'link' ? `${printable(name)}@` : `${printable(name)} (not a file)`;
      });
      return boundedLines([], truncated ? [...lines, `[only the first ${LISTED_ENTRIES} entries are listed]`] : lines);
    },
  }),

  defineTool({
    name: 'search_files',
    description:
      'Finds lines in the text files of the workspace by a regular expression. What .gitignore names, .git, node_modules, binary and very large files and files of secrets are skipped.',
    schema: z.object({
      pattern: z.string().min(1).max(2000).describe('JavaScript regular expression without look-aheads, matched line by line'),
      path: path.optional().describe('Directory or file to search; the whole workspace when left out'),
      glob: z.string().max(500).optional().describe('Only files that fit, such as *.ts or src/**/*.{ts,tsx}'),
      ignore_case: z.boolean().optional(),
    }),
    effect: 'reads',
    source: 'file',
    readsPrivate: true,
    activity: 'searching files',
    run: async ({ pattern, path = '.', glob, ignore_case: ignoreCase = false }, { scope, chatId, signal }) => {
      const query = { pattern, ignoreCase, limit: LISTED_MATCHES, ...present({ glob }) };
      const found = await files.search(scope.directory, path, query, { signal, tenant: tenantIn(scope, chatId) });
      const head = `${plural(found.total, 'matching line')} in ${plural(found.filesMatched, 'file')} (${plural(found.filesSearched, 'file')} searched, ${found.filesSkipped} skipped)`;
      const lines = found.matches.map(({ path, line, text }) => `${printable(path)}:${line}: ${excerpt(text.trim(), LINE_LENGTH)}`);
      const rest = found.total - found.matches.length;
      return boundedLines([head], rest > 0 ? [...lines, `[${rest} more matching lines are not listed]`] : lines);
    },
  }),
];

/** A name with line breaks or similar characters must not look like another line. */
const printable = (name: string): string => (/[\p{Cc}\u2028\u2029]/u.test(name) ? JSON.stringify(name) : name);

/** `1 file`, `2 files`. */
