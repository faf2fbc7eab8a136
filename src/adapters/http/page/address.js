/** The address of a view, with each part escaped. Fields that are empty are left out. */
export const addressOf = (name, parts = [], fields = {}) => {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
  // A colon needs no escape there, and ids are full of them.
  const path = [name, ...parts].map((part) => encodeURIComponent(part).replaceAll('%3A', ':')).join('/');
  return `#/${path}${query.size > 0 ? `?${String(query).replaceAll('%3A', ':')}` : ''}`;
};

/** What the hash names. */
export const readAddress = (hash) => {
  const [path, query = ''] = hash.slice(2).split(/\?(.*)/s);
  try {
    const [name = '', ...parts] = path.split('/').filter(Boolean).map(decodeURIComponent);
    return { name, parts, query: new URLSearchParams(query) };
  } catch {
    // An escape that is none.
    return { name: path, parts: [], query: new URLSearchParams() };
  }
};
