import { expect } from 'chai';
import { type MtprotoServer, startMtprotoServer } from '../index.ts';
import { Api, connectAs, makeProductClient, type ProductClient, trust } from './clients.ts';

const CREDENTIALS = { apiId: 1, apiHash: 'hash' };
const ADA = 1_001;
const BOB = 1_002;

const nameOf = async (attempt: () => unknown): Promise<string> => {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    return (error as { errorMessage?: string }).errorMessage ?? String(error);
  }
};

describe('The Telegram server: login by QR code', () => {
  let server: MtprotoServer;
  let now = 1_800_000_000;

  beforeEach(async () => {
    server = await startMtprotoServer({ now: () => now });
    server.world.addUser({ id: ADA, username: 'ada_lovelace' });
    server.world.addUser({ id: BOB, username: 'bob_builder', password: 'open sesame' });
    await trust(server);
  });
  afterEach(async () => {
    await server.close();
    server.assertClean();
  });

  const open = async (): Promise<ProductClient> => {
    const made = await makeProductClient(server);
    await made.client.connect();
    return made;
  };
  const ask = ({ client }: ProductClient, exceptIds: number[] = []) =>
    client.invoke(new Api.auth.ExportLoginToken({ ...CREDENTIALS, exceptIds: exceptIds.map((id) => BigInt(id)) as never }));
  const tokenOf = async (made: ProductClient, exceptIds?: number[]): Promise<Buffer> => {
    const answer = await ask(made, exceptIds);
    if (!(answer instanceof Api.auth.LoginToken)) throw new Error(`it answered ${answer.className}`);
    return answer.token;
  };
  const link = (token: Buffer): string => `tg://login?token=${token.toString('base64url')}`;

  it('gives a token for half a minute, tells of a scan, and logs in who has scanned it', async () => {
    await using made = await open();
    const answer = await ask(made);
    expect(answer).to.include({ className: 'auth.LoginToken', expires: now + 30 });
    server.world.scan(ADA, link((answer as Api.auth.LoginToken).token));
    await made.until(() => made.updates.some((update) => update instanceof Api.UpdateLoginToken));
    expect(await ask(made)).to.be.instanceOf(Api.auth.LoginTokenSuccess);
    expect(await made.client.getMe()).to.include({ username: 'ada_lovelace' });
  });

  it("takes the client library's own way of doing it", async () => {
    await using made = await open();
    const user = await made.client.signInUserWithQrCode(CREDENTIALS, {
      qrCode: async ({ token }) => server.world.scan(BOB, link(token)),
      password: async () => 'open sesame',
      onError: (error) => {
        throw error;
      },
    });
    expect(user).to.include({ username: 'bob_builder' });
  });

  it('lets an app accept a token over the protocol, once, and no bot', async () => {
    await using made = await open();
    await using app = await connectAs(server, ADA);
    const token = await tokenOf(made);
    expect(await app.client.invoke(new Api.auth.AcceptLoginToken({ token }))).to.be.instanceOf(Api.Authorization);
    expect(await nameOf(() => app.client.invoke(new Api.auth.AcceptLoginToken({ token })))).to.equal('AUTH_TOKEN_ALREADY_ACCEPTED');
    server.world.addUser({ id: 7000, username: 'kept_bot', isBot: true, token: '7000:x' });
    await using bot = await connectAs(server, 7000);
    expect(await nameOf(() => bot.client.invoke(new Api.auth.AcceptLoginToken({ token })))).to.equal('BOT_METHOD_INVALID');
  });

  it('refuses a token that is none, one whose time is over, and one of an account that the client has already', async () => {
    await using made = await open();
    const token = await tokenOf(made);
    expect(await nameOf(() => server.world.scan(ADA, link(Buffer.from('no token'))))).to.equal('Error: AUTH_TOKEN_INVALID');
    const second = await tokenOf(made, [ADA]);
    expect(await nameOf(() => server.world.scan(ADA, link(second)))).to.equal('Error: AUTH_TOKEN_EXCEPTION');
    now += 30;
    expect(await nameOf(() => server.world.scan(ADA, link(token)))).to.equal('Error: AUTH_TOKEN_EXPIRED');
  });

  it('sends the client to the data centre of the account, which takes the token once, and in time', async () => {
    await using other = await startMtprotoServer({ beside: server, dcId: 4 });
    server.world.addUser({ id: 1_003, username: 'far_away', dcId: 4 });
    await using made = await open();
    server.world.scan(1_003, link(await tokenOf(made)));
    const answer = await ask(made);
    if (!(answer instanceof Api.auth.LoginTokenMigrateTo)) throw new Error(`it answered ${answer.className}`);
    expect(answer.dcId).to.equal(4);
    const { token } = answer;
    expect(await nameOf(() => made.client.invoke(new Api.auth.ImportLoginToken({ token })))).to.equal('AUTH_TOKEN_INVALID');
    await using there = await makeProductClient(other);
    await there.client.connect();
    expect(await there.client.invoke(new Api.auth.ImportLoginToken({ token }))).to.be.instanceOf(Api.auth.LoginTokenSuccess);
    expect(await there.client.getMe()).to.include({ username: 'far_away' });
    expect(await nameOf(() => there.client.invoke(new Api.auth.ImportLoginToken({ token })))).to.equal('AUTH_TOKEN_ALREADY_ACCEPTED');
    other.assertClean();
  });
});
