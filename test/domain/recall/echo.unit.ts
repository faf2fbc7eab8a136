import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeEcho } from '../../../src/domain/recall/echo.ts';

describe('an echo of somebody’s words', () => {
  const heard = (...texts: readonly string[]) => {
    const echo = makeEcho();
    for (const text of texts) echo.add(text);
    return echo;
  };

  it('is heard in five of their words in a row, whatever stands between them', () => {
    const echo = heard('My sister moves to Leeds in spring.');
    expect(echo.isIn('Ada wrote: "my SISTER moves, to Leeds" last week')).to.equal(true);
    expect(echo.isIn('{"text":"my sister\\nmoves to\\nLeeds"}')).to.equal(true);
    expect(echo.isIn('My sister moves to York.')).to.equal(false);
  });

  it('is heard in a number, an address or a code of theirs', () => {
    const echo = heard('call +49-170/5550199 or ada@example.org, code KX7-99, file red-giraffe-plan');
    for (const told of ['is it +49-170/5550199?', 'mail to ADA@example.org', 'kx7-99', 'see red-giraffe-plan.'])
      expect(echo.isIn(told), told).to.equal(true);
    for (const told of ['call me', 'code 12', 'a plan']) expect(echo.isIn(told), told).to.equal(false);
  });

  it('is heard in a short message as a whole, and not in one or two words', () => {
    const echo = heard('nobody knows Ernestine', 'yes please', 'ok');
    expect(echo.isIn('They said that nobody knows Ernestine.')).to.equal(true);
    expect(echo.isIn('yes please, ok')).to.equal(false);
  });

  it('is none of what others wrote themselves', () => {
    const echo = heard('see you on 2026-12-01 at the station', 'my code is 778899');
    echo.except('I shall see you on 2026-12-01 at the station');
    expect(echo.isIn('see you on 2026-12-01 at the station')).to.equal(false);
    expect(echo.isIn('the code 778899')).to.equal(true);
  });

  it('is heard in every script', () => {
    const echo = heard('Моя сестра едет в Лидс весной');
    expect(echo.isIn('Она сказала: моя сестра едет в Лидс.')).to.equal(true);
  });
});
