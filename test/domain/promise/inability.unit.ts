import { expect } from 'chai';
import { saysNothing, saysOnlyThatItCouldNot } from '../../../src/domain/promise/inability.ts';
import { repeated, slowTexts } from '../../support/hostile-texts.ts';

describe('answers that say only that nothing was done', () => {
  for (const text of [
    "I'm sorry, but I couldn't read the file.",
    'I could not read notes.txt: it does not exist.',
    'Sorry, I cannot make you a sandwich. Please order one.',
    "I don't have a tool to browse the web. If you paste the page here, that may help.",
    'Unfortunately, I am unable to do this. Is there another way?',
    'I was not able to complete the task.',
    'I have no tool for that, so nothing was done.',
    'The file nofile.txt does not exist.',
    'Sorry. I failed to open it.',
    'Es tut mir leid, ich konnte die Datei leider nicht lesen.',
    "Désolé, je n'ai pas pu lire le fichier.",
    'Lo siento, no he podido leer el archivo.',
    'Desculpe, não consegui ler o arquivo.',
    'Mi dispiace, non sono riuscito a leggere il file.',
    'Извините, я не смог прочитать файл.',
  ])
    it(`takes for no result: ${text}`, () => expect(saysOnlyThatItCouldNot(text)).to.equal(true));

  for (const text of [
    '3 files could not be read, but here are the 40 others:\n- a.ts',
    'I could not read b.ts. The other files hold 12 TODO comments.',
    'I could not find any TODO comments in src.',
    "I can't find problems in this code.",
    'I cannot recommend this library.',
    'Found nothing.',
    'There are no TODO comments.',
    'Yes.',
    'No.',
    'The tests fail because the port is taken.',
    'The function can not be null, so the check is dead code.',
    'I could not read it all; this is the beginning:\n```\nx\n```',
    'I could not open the second page, but the first says 42.',
    '“I could not read the file” is what the log says.',
    'Reminder: call Bob',
    '',
  ])
    it(`takes for a result: ${JSON.stringify(text)}`, () => expect(saysOnlyThatItCouldNot(text)).to.equal(false));

  it('takes a long answer for a result, whatever it says', () => {
    const short = 'I could not read the file. '.repeat(20);
    expect(saysOnlyThatItCouldNot(short)).to.equal(true);
    expect(saysOnlyThatItCouldNot(short.repeat(4))).to.equal(false);
    expect(saysNothing('Sorry. '.repeat(400))).to.equal(false);
  });

  it('tells answers that say nothing at all', () => {
    for (const text of [
      'OK.',
      'Done!',
      'Sure! All done.',
      'The task is complete.',
      'Sorry.',
      'It is done as you asked.',
      'Erledigt.',
      'Fait !',
    ])
      expect(saysNothing(text), text).to.equal(true);
    for (const text of ['Yes.', 'No.', '42', 'Done: 3 files.', 'A poem.', 'Reminder: stretch', 'Done.\n```\nx\n```', '', 'Paris is done'])
      expect(saysNothing(text), text).to.equal(false);
  });

  for (const length of [1_500, 100_000])
    it(`takes no hostile text of ${length} characters much longer than a plain one`, () => {
      const texts = repeated(['sorry ', 'i could not ', 'i ', 'ich habe ', '. ', 'ok,', 'no ']);
      const judge = (text: string) => [saysOnlyThatItCouldNot(text), saysNothing(text)];
      expect(slowTexts(judge, length, { texts })).to.deep.equal([]);
    });
});
