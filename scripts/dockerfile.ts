/** What a stage of a Dockerfile does, in order, as far as ours do it. */
export type Step =
  | { readonly kind: 'run'; readonly command: string }
  | { readonly kind: 'copy'; readonly from?: string; readonly sources: readonly string[]; readonly target: string };

/** The steps of the stage of that name; of the last one without a name. */
export const stepsOf = (dockerfile: string, name?: string): readonly Step[] => {
  const lines = dockerfile
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  const stages: { readonly name: string | undefined; readonly steps: Step[] }[] = [];
  for (const line of lines) {
    const [, word = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (word === 'FROM') stages.push({ name: / AS (\w+)$/.exec(rest)?.[1], steps: [] });
    const steps = stages.at(-1)?.steps;
    if (word === 'RUN') steps?.push({ kind: 'run', command: rest });
    if (word === 'COPY') steps?.push(copyOf(rest));
  }
  const stage = stages.find((one) => one.name === name);
  if (!stage) throw new Error(`the Dockerfile has no stage ${name ?? 'without a name'}`);
  return stage.steps;
};

const copyOf = (words: string): Step => {
  const [, from, paths = ''] = /^(?:--from=(\w+)\s+)?(.*)$/.exec(words) ?? [];
  const [target = '', ...sources] = paths.split(/\s+/).toReversed();
  return { kind: 'copy', ...(from !== undefined && { from }), sources: sources.toReversed(), target };
};
