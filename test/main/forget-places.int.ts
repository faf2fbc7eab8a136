import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeEcho } from '../../src/domain/recall/echo.ts';
import { backupPathsIn, forgetFiles, forgetTranscripts } from '../../src/main/forget-places.ts';
import type { PersonalSurvey } from '../../src/ports/index.ts';
import { buildPolicy, buildWorkspace, GROUP, telegramMessage, telegramUser } from '../../src/testing/index.ts';
import { asNobody } from '../support/as-nobody.ts';

const ADA = telegramUser(501);

describe('what is kept of a person outside of the storage', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kept-forget-places-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const survey = (files: PersonalSurvey['files'], ...numbers: readonly number[]): PersonalSurvey => ({
    counts: {},
    promises: [],
    schedules: [],
    leased: [],
    underWay: 0,
    messages: numbers.map((number) => ({ chatId: GROUP, messageId: telegramMessage(number) })),
    files,
    names: ['ada'],
  });
  const put = (...path: readonly string[]): string => {
    mkdirSync(join(root, ...path, '..'), { recursive: true });
    writeFileSync(join(root, ...path), 'content');
    return join(root, ...path);
  };

  it('loses the files that the person sent, also one that the storage does not know yet, and no other', async () => {
    const policy = buildPolicy({ workspaces: [buildWorkspace({ directory: join(root, 'project') })] });
    const inbox = ['project', 'inbox', '-1001234567890'] as const;
    const [known, unknown, anothers] = ['7-plan.pdf', '8-late.pdf', '78-photo.jpg'].map((name) => put(...inbox, name));
    const outside = put('elsewhere.txt');
    symlinkSync(outside, join(root, ...inbox, '7-link.txt'));
    const brought = [{ path: 'inbox/-1001234567890/7-plan.pdf' }, { path: '../elsewhere.txt' }, { path: 'inbox/gone.pdf' }, {}];
    const found = survey([{ chat: { id: GROUP, kind: 'group' }, files: brought }], 7, 8);
    const how = { echo: makeEcho(), dryRun: true };
    expect(await forgetFiles(policy)(ADA, found, how)).to.deep.equal({ files: 2 });
    expect([known, unknown].map((path) => existsSync(path ?? ''))).to.deep.equal([true, true]);
    expect(await forgetFiles(policy)(ADA, found, { ...how, dryRun: false })).to.deep.equal({ files: 2 });
    expect([known, unknown, anothers, outside].map((path) => existsSync(path ?? ''))).to.deep.equal([false, false, true, true]);
    expect(await forgetFiles(policy)(ADA, found, how)).to.deep.equal({});
  });

  it('loses transcripts of the coding agent that repeat their words', async () => {
    const [theirs, anothers] = ['a/projects/1.jsonl', 'b/projects/2.jsonl'].map((name) => put('coding/homes', name));
    writeFileSync(theirs ?? '', '{"text":"the key is KX-778899"}\n');
    const echo = makeEcho();
    echo.add('my key: kx-778899');
    expect(await forgetTranscripts(root)(ADA, survey([]), { echo, dryRun: false })).to.deep.equal({ 'transcripts of the coding agent': 1 });
    expect([theirs, anothers].map((path) => existsSync(path ?? ''))).to.deep.equal([false, true]);
    expect(await forgetTranscripts(join(root, 'nowhere'))(ADA, survey([]), { echo, dryRun: false })).to.deep.equal({});
  });

  it('names the backups that were made before', async () => {
    expect(await backupPathsIn(root)).to.deep.equal([]);
    const backups = ['tuesday.kept', 'monday.kept'].map((name) => put('backups', name));
    expect(await backupPathsIn(root)).to.deep.equal(backups.toReversed());
  });

  it('is not told as a backup where it is none, and nothing fails where nobody may look', async () => {
    const backup = put('backups', 'kept-2026-11-30');
    mkdirSync(join(root, 'backups/lost+found'));
    put('backups', '.being-made');
    expect(await backupPathsIn(root)).to.deep.equal([backup]);
    chmodSync(root, 0o755);
    chmodSync(join(root, 'backups'), 0);
    const unseen = await asNobody(() => backupPathsIn(root));
    chmodSync(join(root, 'backups'), 0o700);
    expect(unseen).to.deep.equal([join(root, 'backups')]);
  });
});
