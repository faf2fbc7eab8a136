/** The longest fact, in UTF-16 units. */
export const MAX_FACT_LENGTH = 500;
/** The most facts of one workspace, and the most about one person that are seen in one place. */
export const MAX_FACTS = 200;
/** The most facts that one turn may add. */
export const MAX_FACTS_PER_TURN = 20;
/** The most links of one tenant: a further one takes the place of the earliest. */
export const MAX_LINKS_PER_TENANT = 2_000;
/** The most links that one turn may save. */
export const MAX_LINKS_PER_TURN = 20;
/** The longest note on a link, in UTF-16 units. */
export const MAX_NOTE_LENGTH = 500;
