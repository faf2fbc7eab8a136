/** The streams of this page, by name, with whether each is open. */
const streams = new Map();
const banner = document.getElementById('banner');

const show = (error) => {
  const isConnected = [...streams.values()].every(Boolean);
  document.body.dataset.connected = String(isConnected);
  banner.hidden = isConnected;
  if (!isConnected) banner.textContent = `Connection lost. Reconnecting… ${error?.status ? error.message : ''}`;
};

/** The page is connected while all its streams are open. Else a banner says so, with words of the error. */
export const connection = {
  /** A stream that is to be opened: nobody need be told that it is not open yet. */
  expect: (name) => {
    streams.set(name, false);
    document.body.dataset.connected = 'false';
  },
  opened: (name) => {
    streams.set(name, true);
    show();
  },
  lost: (name, error) => {
    streams.set(name, false);
    show(error);
  },
  /** Nobody wants that stream any more. */
  closed: (name) => {
    if (streams.delete(name)) show();
  },
};
