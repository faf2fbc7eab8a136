import { present } from '../shared/present.ts';
import type { ChatId } from './ids.ts';

/** `direct`: one person and the agent. `channel`: few write, many read. */
export type ChatKind = 'direct' | 'group' | 'channel';

/** Where a message was said. */
export interface Chat {
  readonly id: ChatId;
  readonly kind: ChatKind;
  /** As the platform shows it; absent where it has none, or did not tell it. */
  readonly title?: string;
}

/** A chat and nothing else, whatever the object that it is taken from holds beside. */
export const chatFields = ({ id, kind, title }: Chat): Chat => ({ id, kind, ...present({ title }) });
