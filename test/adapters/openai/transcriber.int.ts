import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { getLocal } from 'mockttp';
import { createOpenAiClient, makeOpenAiTranscriber } from '../../../src/adapters/openai/index.ts';

describe('OpenAI transcription over the real SDK', () => {
  const peer = getLocal();
  let dir: string;
  let voice: string;
  before(async () => {
    await peer.start();
    dir = await mkdtemp(join(tmpdir(), 'kept-voice-'));
    voice = join(dir, 'voice.ogg');
    await writeFile(voice, 'OggS: not really');
  });
  afterEach(() => peer.reset());
  after(async () => {
    await peer.stop();
    await rm(dir, { recursive: true });
  });
  const transcribe = (timeoutMs?: number) =>
    makeOpenAiTranscriber({
      client: createOpenAiClient({ apiKey: 'test', baseUrl: `${peer.url}/v1` }),
      ...(timeoutMs ? { timeoutMs } : {}),
    });

  it('sends the file and gives what was said', async () => {
    let body: string | undefined;
    await peer.forPost('/v1/audio/transcriptions').thenCallback(async (request) => {
      body = await request.body.getText();
      return { statusCode: 200, json: { text: ' Two tickets, please. ' } };
    });
    expect(await transcribe()(voice)).to.equal('Two tickets, please.');
    expect(body).to.include('OggS: not really').and.to.include('voice.ogg').and.to.include('transcribe');
  });

  it('refusals and silence are failures of the port', async () => {
    await peer
      .forPost('/v1/audio/transcriptions')
      .once()
      .thenJson(429, { error: { message: 'slow down' } });
    expect(await transcribe()(voice).catch((error: unknown) => error)).to.include({ code: 'rate-limited', retryable: true });
    await peer.forPost('/v1/audio/transcriptions').thenTimeout();
    expect(await transcribe(100)(voice).catch((error: unknown) => error)).to.include({ code: 'aborted' });
  });
});
