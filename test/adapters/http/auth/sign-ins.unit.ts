import { expect } from 'chai';
import { makeSignIns, makeUnstoredState } from '../../../../src/adapters/http/auth/sign-ins.ts';

const HOUR = 60 * 60_000;
const TOKEN = 'open sesame, it is me';

describe('Sign-ins', () => {
  const site = () => {
    const time = { now: Date.parse('2026-11-30T12:00:00Z') };
    const state = makeUnstoredState();
    const process = (token = TOKEN) => makeSignIns({ token, state, now: () => time.now });
    return { time, state, process, signIns: process() };
  };
  const begun = async ({ signIns }: ReturnType<typeof site>) => {
    const signIn = await signIns.begin();
    return { signIn, cookie: signIns.cookieOf(signIn) };
  };

  it('hold in another process on the same data, also after a restart, and nowhere else', async () => {
    const here = site();
    const { signIn, cookie } = await begun(here);
    expect(await here.process().read(cookie)).to.deep.equal(signIn);
    expect(await site().signIns.read(cookie)).to.equal(undefined);
  });

  it('end when the token changes', async () => {
    const here = site();
    const { cookie } = await begun(here);
    expect(await here.process('another token, longer').read(cookie)).to.equal(undefined);
  });

  it('do not hold with any character of the cookie changed, or a part of it left out', async () => {
    const here = site();
    const { cookie } = await begun(here);
    for (let at = 0; at < cookie.length; at++) {
      const other = cookie[at] === 'B' ? 'A' : 'B';
      const changed = cookie.slice(0, at) + other + cookie.slice(at + 1);
      expect(await here.signIns.read(changed), changed).to.equal(undefined);
    }
    for (const text of ['', 'v1', cookie.slice(0, -1), `${cookie}A`, cookie.replace('v1', 'v2'), 'x'.repeat(100_000)])
      expect(await here.signIns.read(text)).to.equal(undefined);
  });

  it('end after 12 hours without a request, are put off by each, and end after a week all the same', async () => {
    const here = site();
    const { signIn, cookie } = await begun(here);
    expect(here.signIns.renewed(signIn), 'at once').to.equal(undefined);
    here.time.now += 12 * HOUR - 1;
    expect(await here.signIns.read(cookie)).to.deep.equal(signIn);
    here.time.now += 1;
    expect(await here.signIns.read(cookie)).to.equal(undefined);

    let current = await here.signIns.begin();
    const { begunAt } = current;
    for (;;) {
      here.time.now += 11 * HOUR;
      const read = await here.signIns.read(here.signIns.cookieOf(current));
      if (!read) break;
      current = here.signIns.renewed(read) ?? read;
    }
    expect(current.endsAt - begunAt).to.equal(7 * 24 * HOUR);
    expect(here.time.now - begunAt).to.be.within(7 * 24 * HOUR, 7 * 24 * HOUR + 11 * HOUR);
  });

  it('are ended one by one, or all at once, in every process within a second', async () => {
    const here = site();
    const other = here.process();
    const [first, second] = [await begun(here), await begun(here)];
    expect(await other.read(first.cookie)).to.deep.equal(first.signIn);
    await here.signIns.end(first.signIn);
    expect(await here.signIns.read(first.cookie)).to.equal(undefined);
    here.time.now += 1_000;
    expect(await other.read(first.cookie)).to.equal(undefined);
    expect(await other.holds(first.signIn)).to.equal(false);
    expect(await other.read(second.cookie)).to.deep.equal(second.signIn);
    await other.endAll();
    here.time.now += 1_000;
    for (const signIns of [here.signIns, other, here.process()]) {
      expect(await signIns.read(second.cookie)).to.equal(undefined);
      expect(await signIns.holds(second.signIn)).to.equal(false);
    }
    const third = await begun(here);
    expect(await other.read(third.cookie)).to.deep.equal(third.signIn);
  });

  it('are remembered as ended no longer than they would have held', async () => {
    const here = site();
    for (let n = 0; n < 5; n++) await here.signIns.end(await here.signIns.begin());
    expect((await here.state.list('ended:')).size).to.equal(5);
    here.time.now += 8 * 24 * HOUR;
    await here.signIns.end(await here.signIns.begin());
    expect((await here.state.list('ended:')).size).to.equal(1);
  });

  it('hold everywhere where two processes began at the same time on new data', async () => {
    const here = site();
    const processes = [here.process(), here.process(), here.process()];
    await Promise.all(processes.map((each) => each.cookieName()));
    here.time.now += 1_000;
    const made = await Promise.all(processes.map(async (each) => each.cookieOf(await each.begin())));
    for (const each of processes) for (const cookie of made) expect(await each.read(cookie)).not.to.equal(undefined);
  });

  it('are not taken for over, nor for valid, while the store fails', async () => {
    const here = site();
    const { cookie } = await begun(here);
    const failing = makeSignIns({ token: TOKEN, state: { ...here.state, list: () => Promise.reject(new Error('gone')) } });
    let failure: unknown;
    await failing.read(cookie).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(Error);
  });
});
