#!/usr/bin/env node
/**
 * The command. It loads nothing before it has looked at Node's version: on an older Node the modules behind it
 * do not fail, they crash (the SQLite binding) or are refused with a stack trace (the language they are written in).
 */
const NEEDED = [22, 14] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  // Whoever read our output has gone (`kept promises list | head`): that ends us, and is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    console.error(`kept: what it has to say can't be written (${error.message}).`);
    process.exit(1);
  });
  await import('./cli.ts');
} else {
  console.error(`kept needs Node ${NEEDED.join('.')} or newer; this is Node ${process.versions.node} (${process.execPath}).`);
  console.error('In the repository, `npm start` and `npm run kept -- <command>` use its own Node 24; elsewhere, install Node 24.');
  process.exitCode = 78;
}
