import { NO_NAME, OTHER_NAMES } from '../../domain/index.ts';
import { lineExcerpt, wholeWordsOf } from '../../domain/shared/excerpt.ts';
import type { Redact } from '../../ports/index.ts';
import { MAX_LABEL_NAMES } from './catalog.ts';

/** The longest name in a label; of a longer one its beginning stands for it. */
const MAX_NAME_LENGTH = 100;
/** Nobody reads further in a name. */
const MAX_READ_LENGTH = 2_000;

/**
 * The names in the labels of one metric, as they are shown. Each label shows its first `MAX_LABEL_NAMES` names; later
 * ones become `OTHER_NAMES`, so that no series ends or changes its meaning.
 */
export const makeLabelNames = (redact: Redact): ((label: string, name: string) => string) => {
  const labels = new Map<string, Map<string, string>>();
  return (label, name) => {
    const known = labels.get(label) ?? new Map<string, string>();
    labels.set(label, known);
    const read = wholeWordsOf(name, MAX_READ_LENGTH);
    const shown = known.get(read);
    if (shown !== undefined) return shown;
    if (known.size >= MAX_LABEL_NAMES) return OTHER_NAMES;
    const named = lineExcerpt(redact(read), MAX_NAME_LENGTH) || NO_NAME;
    known.set(read, named);
    return named;
  };
};
