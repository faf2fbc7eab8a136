/** Bare ids and usernames of `workspace_config.json` are this gateway's. */
export const TELEGRAM = 'telegram';
