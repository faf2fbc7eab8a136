import { expect } from 'chai';
import type { Alert } from '../../../src/domain/index.ts';
import { type AlertChannel, isPortError, type PortError } from '../../../src/ports/index.ts';
import type { StandIn } from '../../fakes/alerts/stand-in.ts';
import { type Handler, listenHttp } from '../../support/loopback.ts';

export const AT = Date.UTC(2026, 10, 30, 12);
/** Longer than any test has to wait for an answer that comes, shorter than anybody waits for one that does not. */
export const LIMIT_MS = 1_500;
/** Longer than any test may take: only an abort ends it. */
export const PATIENT_MS = 600_000;

export const anAlert = (more: Partial<Alert> = {}): Alert => ({
  status: 'firing',
  key: 'gateway.silent:telegram',
  title: 'A gateway is silent: telegram',
  detail: 'For 2 min: not connected. Threshold: above 1 min. Look at "kept health".',
  severity: 'critical',
  startedAt: AT,
  ...more,
});

export const itsEnd = (alert: Alert): Alert => ({ ...alert, status: 'resolved', resolvedAt: AT + 600_000 });

const HUGE = 'A word, and <!channel> & "more" \u0000\u001b[31m\r\nSubject: x\r\n\r\n\ud83d ü 世界 '.repeat(2_000);

export interface ChannelSite {
  readonly channel: AlertChannel;
  readonly service: StandIn;
  /** What the other side knows, each as `firing <key>` or `resolved <key>`, in any order. */
  sent(): readonly string[];
  /** What no error may hold, beside the address. */
  readonly secrets: readonly string[];
  /** The same channel to another address, with another limit. */
  at(url: string, limitMs?: number): AlertChannel;
}

const refusalOf = async (sent: Promise<void>): Promise<PortError> => {
  try {
    await sent;
  } catch (error) {
    if (isPortError(error)) return error;
    throw error;
  }
  throw new Error('it was taken');
};

const never = (): AbortSignal => new AbortController().signal;

const STATUSES: readonly (readonly [status: number, isRetryable: boolean])[] = [
  [400, false],
  [401, false],
  [403, false],
  [404, false],
  [405, false],
  [410, false],
  [413, false],
  [408, true],
  [425, true],
  [429, true],
  [500, true],
  [502, true],
  [503, true],
  [504, true],
];

/** What every channel over HTTP keeps. */
export const describeHttpChannel = (name: string, open: () => Promise<ChannelSite>): Mocha.Suite =>
  describe(`The alert channel ${name}`, () => {
    let site: ChannelSite;
    beforeEach(async () => {
      site = await open();
    });
    afterEach(() => site.service.close());

    const send = (...alerts: Alert[]): Promise<void> => site.channel.send(alerts, never());
    const failWith = async (answer: Handler): Promise<PortError> => {
      site.service.failAll(answer);
      return refusalOf(send(anAlert()));
    };

    it('tells of an alert, and that it is over', async () => {
      await send(anAlert());
      await send(itsEnd(anAlert()));
      expect(site.service.problems()).to.deep.equal([]);
      expect(site.sent()).to.deep.equal(['firing gateway.silent:telegram', 'resolved gateway.silent:telegram']);
    });

    it('tells of several together, whatever they are about', async () => {
      const alerts = [anAlert(), itsEnd(anAlert({ key: 'queue.worker' })), anAlert({ key: 'storage.disk', severity: 'info' })];
      await send(...alerts);
      expect(site.service.problems()).to.deep.equal([]);
      expect(site.sent().toSorted()).to.deep.equal(['firing gateway.silent:telegram', 'firing storage.disk', 'resolved queue.worker']);
    });

    it('tells of 20 alerts with huge texts, line ends, control characters and half characters', async () => {
      const alerts = Array.from({ length: 20 }, (_, at) => anAlert({ key: `queue.worker:${at}`, title: HUGE, detail: HUGE }));
      await send(...alerts);
      expect(site.service.problems()).to.deep.equal([]);
      expect(site.sent()).to.have.length(20);
    });

    for (const [status, isRetryable] of STATUSES)
      it(`${isRetryable ? 'may be asked again' : 'is not asked again'} after HTTP ${status}`, async () => {
        const refused = await failWith((_, response) => void response.writeHead(status, { 'retry-after': '7' }).end('no'));
        expect([refused.retryable, refused.message.includes(String(status))], refused.message).to.deep.equal([isRetryable, true]);
        if (isRetryable) expect(refused.retryAfterMs).to.equal(7_000);
      });

    it('follows no redirect: what it sends goes nowhere else', async () => {
      let [asked, refused] = [0, undefined as PortError | undefined];
      await using elsewhere = await listenHttp((_, response) => {
        asked++;
        response.end('ok');
      });
      for (const status of [301, 302, 303, 307, 308])
        refused = await failWith((_, response) => void response.writeHead(status, { location: elsewhere.url }).end());
      expect([asked, refused?.message.includes('redirect')]).to.deep.equal([0, true]);
    });

    it('waits no longer than its limit for an answer that does not come, or that stops in its middle', async () => {
      const silent = await failWith(() => undefined);
      expect([silent.code, silent.retryable], silent.message).to.deep.equal(['timeout', true]);
      const halting = await failWith((_, response) => void response.writeHead(500, { 'content-length': '100' }).write('x'));
      expect([halting.code, halting.retryable], halting.message).to.deep.equal(['unavailable', true]);
    });

    it('takes a status for an answer whose body never ends', async () => {
      site.service.failAll((_, response) => void response.writeHead(202, { 'content-type': 'application/json' }).write('{'));
      await send(anAlert());
    });

    it('gives up as soon as it is aborted', async () => {
      const asked = Promise.withResolvers<void>();
      site.service.failAll(() => asked.resolve());
      const stopping = new AbortController();
      const patient = site.at(site.service.url, PATIENT_MS);
      const sent = refusalOf(patient.send([anAlert()], stopping.signal));
      await asked.promise;
      stopping.abort(new Error('this process stops'));
      expect((await sent).code).to.equal('aborted');
      expect((await refusalOf(site.channel.send([anAlert()], AbortSignal.abort()))).code).to.equal('aborted');
    });

    it('says that it may be asked again where nobody listens, or what answers is no HTTP', async () => {
      const closed = await listenHttp(() => undefined);
      await closed.close();
      const unreachable = await refusalOf(site.at(closed.url).send([anAlert()], never()));
      expect([unreachable.code, unreachable.retryable]).to.deep.equal(['unavailable', true]);
      const broken = await failWith((request) => void request.socket.end('SSH-2.0-OpenSSH\r\n'));
      expect([broken.code, broken.retryable]).to.deep.equal(['unavailable', true]);
    });

    it('puts no secret into an error, though the other side says all of it back', async () => {
      const errors: PortError[] = [];
      for (const status of [302, 400, 401, 404, 429, 500])
        errors.push(
          await failWith((request, response) => {
            const { body = '' } = site.service.requests().at(-1) ?? {};
            const all = `${request.url} ${JSON.stringify(request.headers)} ${body}`;
            response
              .writeHead(status, { location: `http://127.0.0.1:1${request.url}` })
              .end(JSON.stringify({ message: all, error: all, errors: [all] }));
          }),
        );
      const closed = await listenHttp(() => undefined);
      await closed.close();
      const path = new URL(site.service.url).pathname;
      errors.push(await refusalOf(site.at(`${closed.url}${path}`).send([anAlert()], never())));
      const shown = errors.map(
        (error) => `${error.message} ${error.help ?? ''} ${error.stack ?? ''} ${JSON.stringify(error)} ${String(error.cause)}`,
      );
      for (const secret of [...site.secrets, new URL(site.service.url).host]) for (const text of shown) expect(text).not.to.include(secret);
    });
  });
