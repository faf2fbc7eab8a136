import { PROJECT } from '../site.ts';
import { type Answer, type LocalServer, startLocalServer } from './local-server.ts';

const DATA_SOURCE = '22222222-2222-4222-8222-222222222222';

/** One small database of tasks, in the form of Notion's API. It sorts and filters nothing. */
export const startNotion = (): Promise<LocalServer> => startLocalServer((method, path) => answerTo(`${method} ${path.split('?')[0]}`));

const answerTo = (request: string): Answer => {
  switch (request) {
    case `GET /v1/databases/${PROJECT.databaseId}`:
      return found({
        object: 'database',
        id: PROJECT.databaseId,
        title: [words('Tasks')],
        data_sources: [{ id: DATA_SOURCE, name: 'Tasks' }],
      });
    case `GET /v1/data_sources/${DATA_SOURCE}`:
      return found({ object: 'data_source', id: DATA_SOURCE, title: [words('Tasks')], parent: DATABASE, properties: PROPERTIES });
    case `POST /v1/data_sources/${DATA_SOURCE}/query`:
      return found({ object: 'list', type: 'page_or_data_source', results: TASKS, has_more: false, next_cursor: null });
    default:
      return { status: 404, body: { object: 'error', status: 404, code: 'object_not_found', message: `The stand-in has no ${request}.` } };
  }
};

const found = (body: object): Answer => ({ status: 200, body });
const words = (text: string) => ({ type: 'text', text: { content: text, link: null }, plain_text: text, href: null });

const DATABASE = { type: 'database_id', database_id: PROJECT.databaseId };
const STATUSES = ['Ready for dev', 'In progress', 'Done'];
const PROPERTIES = {
  Name: { id: 'title', name: 'Name', type: 'title', title: {} },
  Status: {
    id: 'stat',
    name: 'Status',
    type: 'status',
    status: { options: STATUSES.map((name) => ({ id: name, name, color: 'gray' })), groups: [] },
  },
};

const task = (at: number, name: string, status: string) => ({
  object: 'page',
  id: `33333333-3333-4333-8333-33333333333${at}`,
  url: `https://www.notion.so/3333333333334333833333333333333${at}`,
  created_time: '2026-11-01T09:00:00.000Z',
  last_edited_time: '2026-11-02T09:00:00.000Z',
  archived: false,
  in_trash: false,
  parent: { type: 'data_source_id', data_source_id: DATA_SOURCE, database_id: PROJECT.databaseId },
  properties: {
    Name: { id: 'title', type: 'title', title: [words(name)] },
    Status: { id: 'stat', type: 'status', status: { id: status, name: status, color: 'gray' } },
  },
});
const TASKS = [task(1, 'Order a new kettle', 'Ready for dev'), task(2, 'Paint the sign', 'In progress'), task(3, 'Buy cups', 'Done')];
