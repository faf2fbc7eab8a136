import { expect } from 'chai';
import type { TelegramClient } from 'telegram';
import { type MtprotoServer, startMtprotoServer } from '../index.ts';
import { Api, makeProductClient, trust } from './clients.ts';

const CREDENTIALS = { apiId: 1, apiHash: 'hash' };
const PHONE = '+9996612345';

describe('The Telegram server: key exchange and login', () => {
  let server: MtprotoServer;

  beforeEach(async () => {
    server = await startMtprotoServer();
    server.world.addUser({ id: 7000, username: 'kept_bot', isBot: true, token: '7000:x' });
    server.world.addUser({ id: 1001, username: 'ada_lovelace', phone: PHONE });
    server.world.addUser({ id: 1002, username: 'bob_builder', phone: '+9996654321', password: 'open sesame' });
    await trust(server);
  });
  afterEach(async () => {
    await server.close();
    server.assertClean();
  });

  const logInBot = (client: TelegramClient, botAuthToken = '7000:x') =>
    client.invoke(new Api.auth.ImportBotAuthorization({ flags: 0, ...CREDENTIALS, botAuthToken }));

  it('agrees on a key with a client that has none, and logs a bot in', async () => {
    await using made = await makeProductClient(server);
    await made.client.connect();
    await logInBot(made.client);
    expect(await made.client.getMe()).to.include({ username: 'kept_bot', bot: true });
    expect(made.session().authKey?.getKey()).to.have.length(256);
  });

  it('agrees on keys of every shape, one connection after the other', async () => {
    for (let time = 0; time < 5; time++) {
      await using made = await makeProductClient(server);
      await made.client.connect();
      expect(await made.client.invoke(new Api.help.GetNearestDc())).to.include({ thisDc: 2 });
    }
  });

  it('refuses a wrong token, and every call of a client that is not logged in', async () => {
    await using made = await makeProductClient(server);
    await made.client.connect();
    const errors: string[] = [];
    for (const attempt of [() => logInBot(made.client, 'wrong'), () => made.client.invoke(new Api.updates.GetState())])
      await attempt().catch((error: Error & { errorMessage?: string }) => errors.push(error.errorMessage ?? error.message));
    expect(errors).to.deep.equal(['ACCESS_TOKEN_INVALID', 'AUTH_KEY_UNREGISTERED']);
  });

  const signIn = async (
    client: TelegramClient,
    phone: string,
    answers: { code?: string; password?: string },
  ): Promise<readonly string[]> => {
    const errors: string[] = [];
    await client
      .signInUser(CREDENTIALS, {
        phoneNumber: phone,
        phoneCode: async () => answers.code ?? server.world.loginCode(phone),
        password: async () => answers.password ?? '',
        onError: async (error: Error & { errorMessage?: string }) => {
          errors.push(error.errorMessage ?? error.message);
          return true;
        },
      })
      .catch((error: Error) => errors.push(error.message));
    return errors;
  };

  it('logs a person in with a code', async () => {
    await using made = await makeProductClient(server);
    await made.client.connect();
    expect(await signIn(made.client, PHONE, {})).to.deep.equal([]);
    expect(await made.client.getMe()).to.include({ username: 'ada_lovelace' });
    await made.client.invoke(new Api.auth.LogOut());
    expect(await made.client.checkAuthorization()).to.equal(false);
  });

  it('refuses a wrong code', async () => {
    await using made = await makeProductClient(server);
    await made.client.connect();
    expect(await signIn(made.client, PHONE, { code: '00000' })).to.include('PHONE_CODE_INVALID');
  });

  it('asks for a password, whose proof does not contain it', async () => {
    await using made = await makeProductClient(server);
    await made.client.connect();
    expect(await signIn(made.client, '+9996654321', { password: 'wrong' })).to.include('PASSWORD_HASH_INVALID');
    expect(await signIn(made.client, '+9996654321', { password: 'open sesame' })).to.deep.equal([]);
    expect(await made.client.getMe()).to.include({ username: 'bob_builder' });
  });

  it('sends a bot of another data centre there', async () => {
    await using other = await startMtprotoServer({ beside: server, dcId: 4 });
    server.world.addUser({ id: 7001, username: 'other_bot', isBot: true, token: '7001:x', dcId: 4 });
    await using made = await makeProductClient(server, undefined, 2);
    await made.client.connect();
    await logInBot(made.client, '7001:x');
    expect(made.session()).to.include({ dcId: 4, port: other.port });
    expect(await made.client.getMe()).to.include({ username: 'other_bot' });
    other.assertClean();
  });

  it('sends a person of another data centre there before it sends the code', async () => {
    await using other = await startMtprotoServer({ beside: server, dcId: 5 });
    server.world.addUser({ id: 1003, phone: '+9996677777', dcId: 5 });
    await using made = await makeProductClient(server, undefined, 2);
    await made.client.connect();
    expect(await signIn(made.client, '+9996677777', {})).to.deep.equal([]);
    expect(made.session()).to.include({ dcId: 5, port: other.port });
    other.assertClean();
  });

  it('writes string sessions that the client reads, whatever the port', async () => {
    const { StringSession } = await import('telegram/sessions/index.js');
    const preset = server.presetSession(7000);
    const session = new StringSession(preset.sessionString);
    await session.load();
    expect(session.authKey?.getKey()?.equals(preset.authKey)).to.equal(true);
    expect(session).to.include({ dcId: 2, serverAddress: '127.0.0.1' });
    expect(session.port & 0xffff).to.equal(server.port);
  });
});
