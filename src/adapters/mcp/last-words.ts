/** Lines that end the last words of a program, and say nothing: of a stack, of an object, of npm, of Node. */
const NOISE =
  /^(?:at\s.*|[\s{}[\]();,^~-]*|(?:code|requireStack|errno|syscall|path|cause|stack): .*|Node\.js v\d.*|npm error\s*|.*complete log of this run.*)$/i;

/** The line of standard error that says most about why a program has ended: the last one that is no noise. */
export const lastWords = (stderr: string): string =>
  stderr
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => !NOISE.test(line)) ?? '';
