import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { WORK_GRACE_MS } from '../../src/main/worker.ts';
import { itWith, runProgram } from '../support/programs.ts';

const PLIST = 'deploy/launchd/kept.plist';

describe('the property list for launchd', () => {
  itWith('python3', 'is one, starts Kept again where it failed, and gives a stop the time that it takes', (python) => {
    const read = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
    const { status, printed } = runProgram(python, ['-c', read], readFileSync(PLIST, 'utf8'));
    expect(status, printed).to.equal(0);
    const job = JSON.parse(printed) as Record<string, unknown>;
    expect(job.Label).to.equal('kept');
    expect(job.ProgramArguments).to.deep.equal(['/usr/local/bin/kept', 'start']);
    // An end that was asked for has exit code 0, and is one; whatever else ends it does not.
    expect(job.KeepAlive).to.deep.equal({ SuccessfulExit: false });
    expect(job.RunAtLoad).to.equal(true);
    expect(job.Umask).to.equal(0o077);
    expect(job.ExitTimeOut).to.be.greaterThan((WORK_GRACE_MS + 10_000) / 1_000);
    expect(job).to.not.have.property('AbandonProcessGroup');
  });
});
