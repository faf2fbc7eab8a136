import { canonicalJson } from '../shared/canonical-json.ts';
import { sha256 } from '../shared/sha256.ts';
import type { ApprovedCall } from './approval.ts';

/** Stands for exactly this call: another tool, argument, chat or directory has another digest. */
export const digestOf = ({ tool, input, directory, chatId }: ApprovedCall): string =>
  sha256(canonicalJson({ tool, input, directory, chatId }));
