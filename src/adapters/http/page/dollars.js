/** Small amounts in full, as messages tell them. */
export const dollars = (usd) => `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: usd < 1 ? 6 : 2 })}`;
