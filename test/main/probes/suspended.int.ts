import { expect } from 'chai';
import { makeSite, type Site } from '../../support/kept-process.ts';
import { runKept } from '../../support/run-kept.ts';
import { type SupervisedSite, startSupervised } from '../../support/supervised-site.ts';

describe('A supervisor that is suspended', function () {
  this.timeout(120_000);
  let site: Site;
  let supervised: SupervisedSite;

  before(async () => {
    site = await makeSite();
    supervised = await startSupervised(site, '--workers', '1');
    process.kill(supervised.child.pid as number, 'SIGSTOP');
  });

  after(async () => {
    process.kill(supervised.child.pid as number, 'SIGCONT');
    await supervised.stop();
    await site.remove();
  });

  it('is told by the status, in words and as JSON', async () => {
    const { pid } = supervised.child;
    const { stdout } = await runKept(site, ['status']);
    expect(stdout).to.contain(`PID ${pid} is suspended (SIGSTOP) and does nothing: \`kill -CONT ${pid}\` resumes it.`);
    expect(await supervised.status()).to.have.nested.property('supervisor.isSuspended', true);
  });

  it('is told by health, with what resumes it', async () => {
    const { pid } = supervised.child;
    const { checks } = JSON.parse((await runKept(site, ['health', '--json'])).stdout);
    const running = checks.find(({ id }: { id: string }) => id === 'process.running');
    expect(running).to.include({ status: 'warn', fixHint: `kill -CONT ${pid}` });
  });
});
