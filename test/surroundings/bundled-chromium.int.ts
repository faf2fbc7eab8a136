import { accessSync, chmodSync, chownSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { bundledChromium } from '../support/bundled-chromium.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';

const mayWrite = (place: string): boolean => {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where programs may be run, which is not so in every temporary directory. */
const PLACE = [fileURLToPath(new URL('../../node_modules/', import.meta.url)), tmpdir()].find(mayWrite);

describe('The Chromium that npm brings', () => {
  let root: string;
  let temporary: string | undefined;
  beforeEach(() => {
    root = takeDirectory('chromium', PLACE);
    temporary = process.env.TMPDIR;
  });
  afterEach(() => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
    removeDirectory(root);
  });

  /** A package, and a program in the place where its Chromium is unpacked, which leaves a mark when it is run. */
  const lay = (exitCode = 0) => {
    const places = { source: join(root, 'package'), cache: join(root, 'cache') };
    const directory = join(places.cache, '1.0.0');
    const mark = join(root, 'was-run');
    mkdirSync(places.source);
    writeFileSync(join(places.source, 'package.json'), '{"version":"1.0.0"}');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'chromium'), `#!/bin/sh\ntouch '${mark}'\nexit ${exitCode}\n`);
    for (const path of [places.source, places.cache, directory, join(directory, 'chromium')]) chmodSync(path, 0o755);
    return { places, directory, wasRun: () => existsSync(mark) };
  };
  const refusal = (places: Parameters<typeof bundledChromium>[0]): Promise<string> => {
    // It can't be unpacked anew either.
    process.env.TMPDIR = join(root, 'nowhere');
    return bundledChromium(places).then(
      () => 'none',
      ({ message }: Error) => message,
    );
  };

  it('that was unpacked before is run again', async () => {
    const { places, directory, wasRun } = lay();
    expect((await bundledChromium(places)).executablePath).to.equal(join(directory, 'chromium'));
    expect(wasRun()).to.equal(true);
  });

  for (const part of ['cache', 'cache/1.0.0', 'cache/1.0.0/chromium'])
    for (const mode of [0o775, 0o757])
      it(`is not run where others may write to ${part} (mode ${mode.toString(8)})`, async () => {
        const { places, wasRun } = lay();
        chmodSync(join(root, part), mode);
        expect(await refusal(places)).to.match(/others may write to it.*KEPT_TEST_CHROMIUM/);
        expect(wasRun()).to.equal(false);
      });

  // Only root can give files away.
  const asRoot = process.getuid?.() === 0 ? it : () => undefined;
  asRoot('is not run when somebody else has put it there, unless that one owns the package, too', async () => {
    const { places, directory, wasRun } = lay();
    const stranger = 12_345;
    for (const path of [places.cache, directory, join(directory, 'chromium')]) chownSync(path, stranger, stranger);
    expect(await refusal(places)).to.match(/is somebody else's/);
    expect(wasRun()).to.equal(false);
    chownSync(places.source, stranger, stranger);
    expect((await bundledChromium(places)).executablePath).to.equal(join(directory, 'chromium'));
  });

  it('that can’t be run is one sentence, which says why and names the variable to set', async () => {
    const { places, directory } = lay();
    chmodSync(join(directory, 'chromium'), 0o644);
    expect(await refusal(places)).to.match(
      /^The Chromium that npm brings can't be run \([^\n]*EACCES; in TMPDIR: ENOENT\)\.[^\n]*KEPT_TEST_CHROMIUM[^\n]*$/,
    );
  });
});
