#!/usr/bin/env node
/**
 * The command. It loads nothing before it has looked at Node's version: on an older Node the modules behind it
 * do not fail, they crash (the SQLite binding) or are refused with a stack trace (the language they are written in).
 */
const NEEDED = [22, 14] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  (await import('./output.ts')).watchOutput();
  await import('./cli.ts');
} else {
  console.error(`kept needs Node ${NEEDED.join('.')} or newer; this is Node ${process.versions.node} (${process.execPath}).`);
  console.error('In the repository, `npm start` and `npm run kept -- <command>` use its own Node 24; elsewhere, install Node 24.');
  process.exitCode = 78;
}
