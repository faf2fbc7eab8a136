/** The same with something beside that it does not speak of: the compiler lets it pass, and no store may keep it. */
export const wider = <T extends object>(value: T): T => ({ ...value, beside: 'nothing to be stored' });
