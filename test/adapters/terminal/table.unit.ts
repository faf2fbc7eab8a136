import { expect } from 'chai';
import { formatTable } from '../../../src/adapters/terminal/index.ts';
import { displayWidth } from '../../../src/adapters/terminal/text-width.ts';

const rows = [
  { id: '#9', status: 'pending', task: 'Compare the three timetables and say which one is the best for a Sunday' },
  { id: '#10', status: 'in progress', task: '表を比較する' },
];
const columns = [
  { key: 'id', title: 'ID', align: 'right' },
  { key: 'status', title: 'STATUS' },
  { key: 'task', title: 'TASK', flexible: true },
] as const;

describe('formatTable', () => {
  it('aligns columns, numbers to the right, without blanks at the end of lines', () => {
    expect(formatTable(rows, columns).split('\n')).to.deep.equal([
      ' ID  STATUS       TASK',
      ' #9  pending      Compare the three timetables and say which one is the best for a Sunday',
      '#10  in progress  表を比較する',
    ]);
  });

  it('fits the width by cutting the flexible column', () => {
    const lines = formatTable(rows, columns, { width: 40 }).split('\n');
    expect(lines[1]).to.equal(' #9  pending      Compare the three tim…');
    for (const line of lines) expect(displayWidth(line)).to.be.at.most(40);
  });

  it('breaks a column into lines where it is told to', () => {
    const [id, status, task] = columns;
    expect(formatTable(rows, [id, status, { ...task, overflow: 'wrap' }], { width: 47 }).split('\n')).to.deep.equal([
      ' ID  STATUS       TASK',
      ' #9  pending      Compare the three timetables',
      '                  and say which one is the best',
      '                  for a Sunday',
      '#10  in progress  表を比較する',
    ]);
  });

  it('cuts no other column: where the flexible one can give no more, each row goes on in the next line', () => {
    expect(formatTable(rows, columns, { width: 28 }).split('\n')).to.deep.equal([
      ' ID  STATUS',
      '    TASK',
      ' #9  pending',
      '    Compare the three timet…',
      '#10  in progress',
      '    表を比較する',
    ]);
    expect(formatTable(rows, columns, { width: 8 }).split('\n').slice(3, 6)).to.deep.equal([' #9', '    pending', '    Compare the thr…']);
    for (const line of formatTable(rows, columns, { width: 28 }).split('\n')) expect(displayWidth(line)).to.be.at.most(28);
  });

  it('lets no control character through, and keeps a row on its line', () => {
    expect(formatTable([{ id: '1', task: 'a\n\x1b[2Jb' }], [columns[0], columns[2]])).to.equal('ID  TASK\n 1  a b');
  });

  it('colours cells, not widths', () => {
    const coloured = formatTable(rows, [{ ...columns[1], style: () => 'green' as const }, columns[2]], { color: true });
    expect(coloured).to.include('\x1b[32min progress\x1b[39m  表');
    expect(coloured).to.include('\x1b[32mpending    \x1b[39m  Compare');
  });
});
