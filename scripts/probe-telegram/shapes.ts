/** The kind of peer that an id names: each kind has its own numbers. */
export type PeerKind = 'user' | 'chat' | 'channel';

/** Names for ids (`user 1001`), so that a shape tells whom it is about without real numbers. */
export type Names = ReadonlyMap<string, string>;

export const peerKey = (kind: PeerKind, id: number | string): string => `${kind} ${id}`;

/** Numbers that a shape keeps: places in streams, and counts. */
const KEPT_NUMBERS = new Set(['pts', 'ptsCount', 'qts', 'seq', 'seqStart', 'timeout', 'count', 'thisDc']);
const LEFT_OUT = new Set([
  'CONSTRUCTOR_ID',
  'SUBCLASS_OF_ID',
  'classType',
  'originalArgs',
  'className',
  'accessHash',
  'phone',
  'flags',
  'flags2',
]);
const PEERS: Readonly<Record<string, PeerKind>> = { userId: 'user', chatId: 'chat', channelId: 'channel' };
const OWN_ID: Readonly<Record<string, PeerKind>> = { User: 'user', Chat: 'chat', Channel: 'channel', ChatForbidden: 'chat' };
const MAX_ITEMS = 4;
const MAX_DEPTH = 7;

interface Place {
  readonly key: string;
  /** The constructor of the field. */
  readonly owner: string;
  readonly depth: number;
}

const ofNumber = (value: string, { key, owner }: Place, names: Names): unknown => {
  const kind = key === 'id' ? OWN_ID[owner] : PEERS[key];
  const name = kind && names.get(peerKey(kind, value));
  if (name !== undefined) return name;
  return KEPT_NUMBERS.has(key) ? Number(value) : 'number';
};

/** Leaves out flags that are not set, and fields that the client library adds. */
const isShown = ([key, value]: readonly [string, unknown]): boolean =>
  !key.startsWith('_') && !LEFT_OUT.has(key) && value !== undefined && value !== null && value !== false && typeof value !== 'function';

const classOf = (value: object): string => ('className' in value ? String(value.className) : '');

const ofObject = (value: object, { depth }: Place, names: Names): unknown => {
  const owner = classOf(value);
  const fields = Object.entries(value)
    .filter(isShown)
    .map(([key, field]) => [key, shaped(field, { key, owner, depth: depth + 1 }, names)] as const);
  return { ...(owner === '' ? {} : { _: owner }), ...Object.fromEntries(fields) };
};

/** Users and chats come along with every answer: their names are enough. */
const ofCompany = (value: object, place: Place, names: Names): string => {
  const owner = classOf(value);
  return `${owner}: ${'id' in value ? ofNumber(String(value.id), { ...place, key: 'id', owner }, names) : 'nobody'}`;
};

const ofList = (values: readonly unknown[], place: Place, names: Names): unknown => {
  const isCompany = place.key === 'users' || place.key === 'chats';
  const shown = values
    .slice(0, MAX_ITEMS)
    .map((value) =>
      isCompany && typeof value === 'object' && value !== null
        ? ofCompany(value, place, names)
        : shaped(value, { ...place, depth: place.depth + 1 }, names),
    );
  return values.length > MAX_ITEMS ? [...shown, `… ${values.length} in all`] : shown;
};

const shaped = (value: unknown, place: Place, names: Names): unknown => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return `text of ${value.length}`;
  if (typeof value === 'number' || typeof value === 'bigint') return ofNumber(String(value), place, names);
  if (typeof value !== 'object' || value === null) return typeof value;
  if (Buffer.isBuffer(value)) return `bytes of ${value.length}`;
  if ('toJSNumber' in value) return ofNumber(String(value), place, names);
  if (place.depth >= MAX_DEPTH) return '…';
  return Array.isArray(value) ? ofList(value, place, names) : ofObject(value, place, names);
};

/**
 * What Telegram answered, with its constructors, flags and places in streams, and without private data: texts become
 * their length, keys and hashes are left out, and ids become the names of the probe's own accounts and chats.
 */
export const shapeOf = (value: unknown, names: Names): unknown => shaped(value, { key: '', owner: '', depth: 0 }, names);
