import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeRunNoteWriter, readRunNote, sweepRunNotes } from '../../src/main/run-note.ts';
import { makeRecordingEvents } from '../../src/testing/index.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';

describe('The note of a running process', () => {
  let directory: string;
  beforeEach(() => {
    directory = takeDirectory('run-note', tmpdir());
  });
  afterEach(() => removeDirectory(directory));

  it('ends nothing where it can not be written, which is told once', () => {
    const events = makeRecordingEvents();
    const write = makeRunNoteWriter(directory, 'bot', events);
    const note = { pid: process.pid, role: 'bot', startedBy: 'terminal' } as const;
    const obstacle = join(directory, `bot.run.json.${process.pid}.draft`);
    mkdirSync(obstacle);
    write(note);
    write(note);
    expect(events.of('run-note-not-written')).to.have.length(1);
    expect(readRunNote(directory, note)).to.equal(undefined);
    removeDirectory(obstacle);
    write(note);
    expect(readRunNote(directory, note)).to.deep.equal(note);
  });

  it('is removed where its process was killed', () => {
    for (const name of ['gone.run.json', 'bot.lock', 'bot.run.json']) writeFileSync(join(directory, name), '');
    sweepRunNotes(directory);
    expect(readdirSync(directory).sort()).to.deep.equal(['bot.lock', 'bot.run.json']);
  });
});
