const PATIENCE_MS = 1_500;

/** `g` and a letter go to a view, `?` shows them all. Nothing happens while somebody writes. */
export const startKeys = ({ nav, help }) => {
  const links = new Map([...nav.querySelectorAll('a[data-key]')].map((link) => [link.dataset.key, link]));
  let goAt = Number.NEGATIVE_INFINITY;
  addEventListener('keydown', (event) => {
    const isWriting = event.target.closest?.('input, textarea, select, [contenteditable], dialog');
    if (isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
    const isGoing = performance.now() - goAt < PATIENCE_MS;
    goAt = Number.NEGATIVE_INFINITY;
    if (event.key === '?') help.showModal();
    else if (isGoing && links.has(event.key)) links.get(event.key).click();
    else if (event.key === 'g') goAt = performance.now();
    else return;
    event.preventDefault();
  });
};
