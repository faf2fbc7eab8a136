/** What the agent says to itself to see whether it is heard, and what it answers. */
export const pingText = (nonce: string): string => `ping ${nonce}`;

export const pingedNonce = (text: string): string | undefined => /^ping ([\w-]+)$/.exec(text)?.[1];

/** Pings that waited together are answered together: `pong <nonce> <nonce>: …`. */
export const answeredNonces = (text: string): readonly string[] => /^pong((?: [\w-]+)+)(?::|$)/.exec(text)?.[1]?.trim().split(' ') ?? [];
