/** What the checks of replies found since the test began; apart from them, so that nothing of the server is loaded. */
const broken: string[] = [];

export const tellBrokenReply = (what: string): void => void broken.push(what);

/** For a test that means to break a schema: what was broken until now, which fails no test any more. */
export const takeBrokenReplies = (): readonly string[] => broken.splice(0);

export const failOnBrokenReplies = (): void => {
  const told = takeBrokenReplies();
  if (told.length > 0) throw new Error(`replies are not what their routes say:\n${told.join('\n')}`);
};
