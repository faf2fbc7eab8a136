/** The longest fact, in UTF-16 units. */
export const MAX_FACT_LENGTH = 500;
/** The most facts of one owner: of a workspace, or about a person, wherever that person said them. */
export const MAX_FACTS = 200;
/** The most facts that are looked at in one place: those of both owners, and what turns at the same time have added. */
export const MAX_FACTS_SEEN = 2 * MAX_FACTS + 100;
/** The most facts that one turn may add. */
export const MAX_FACTS_PER_TURN = 20;
/** The most links of one tenant: a further one takes the place of the earliest. */
export const MAX_LINKS_PER_TENANT = 2_000;
/** The most links that one turn may save. */
export const MAX_LINKS_PER_TURN = 20;
/** The longest note on a link, in UTF-16 units. */
export const MAX_NOTE_LENGTH = 500;
