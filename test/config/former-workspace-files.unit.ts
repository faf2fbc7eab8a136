import { expect } from 'chai';
import { loadFile, policyOf, problemsOf } from './workspace-file.ts';

/** The file as the first guide shows it, in its two parts. */
const GUIDE = `{
  "workspaces": {
    "Yudame Dev": {
      "database_id": "****",
      "description": "Yudame development team tasks and management",
      "workspace_type": "yudame",
      "working_directory": "/Users/valorengels/src/ai",
      "telegram_chat_ids": ["-4891178445"],
      "aliases": ["yudame dev"],
      "is_dev_group": true
    },
    "PsyOPTIMAL": {
      "database_id": "****",
      "description": "PsyOPTIMAL team chat and project management",
      "workspace_type": "psyoptimal", 
      "working_directory": "/Users/valorengels/src/psyoptimal",
      "telegram_chat_ids": ["-1002600253717"],
      "aliases": ["psyoptimal", "PO"]
    }
  },
  "telegram_groups": {
    "-4891178445": "Yudame Dev",
    "-1002600253717": "PsyOPTIMAL"
  },
  "dm_whitelist": {
    "description": "Users allowed to send direct messages to the bot",
    "default_working_directory": "/Users/valorengels/src/ai",
    "allowed_users": {
      "tomcounsell": {
        "username": "tomcounsell",
        "description": "Tom Counsell - Owner and Boss",
        "working_directory": "/Users/valorengels/src/ai"
      },
      "valorengels": {
        "username": "valorengels",
        "description": "Bot self - for self-ping tests and system validation",
        "working_directory": "/Users/valorengels/src/ai"
      }
    },
    "allowed_user_ids": {
      "179144806": {
        "description": "Tom Counsell - User ID fallback (no public username)",
        "working_directory": "/Users/valorengels/src/ai"
      },
      "66968934582": {
        "description": "Bot self (valorengels) - for self-ping tests",
        "working_directory": "/Users/valorengels/src/ai"
      }
    }
  }
}`;

const AI = '/Users/valorengels/src/ai';
/** What it has meant from the beginning, down to the last key. */
const MEANT = {
  workspaces: [
    {
      name: 'Yudame Dev',
      aliases: ['yudame dev'],
      description: 'Yudame development team tasks and management',
      type: 'yudame',
      directory: AI,
      notionDatabaseId: '****',
      chatIds: ['telegram:-4891178445'],
      isDevGroup: true,
    },
    {
      name: 'PsyOPTIMAL',
      aliases: ['psyoptimal', 'PO'],
      description: 'PsyOPTIMAL team chat and project management',
      type: 'psyoptimal',
      directory: '/Users/valorengels/src/psyoptimal',
      notionDatabaseId: '****',
      chatIds: ['telegram:-1002600253717'],
      isDevGroup: false,
    },
  ],
  whitelist: {
    userIds: new Map([
      [
        'telegram:179144806',
        {
          description: 'Tom Counsell - User ID fallback (no public username)',
          directory: AI,
          path: 'dm_whitelist.allowed_user_ids.179144806',
        },
      ],
      [
        'telegram:66968934582',
        { description: 'Bot self (valorengels) - for self-ping tests', directory: AI, path: 'dm_whitelist.allowed_user_ids.66968934582' },
      ],
    ]),
    usernames: new Map([
      [
        'telegram:tomcounsell',
        { description: 'Tom Counsell - Owner and Boss', directory: AI, path: 'dm_whitelist.allowed_users.tomcounsell' },
      ],
      [
        'telegram:valorengels',
        {
          description: 'Bot self - for self-ping tests and system validation',
          directory: AI,
          path: 'dm_whitelist.allowed_users.valorengels',
        },
      ],
    ]),
    defaultDirectory: AI,
  },
};

describe('Files of workspaces from before there were roles and budgets', () => {
  it('mean what they meant: the guide’s own reads to exactly the same policy', () => {
    const loaded = loadFile(GUIDE);
    expect(problemsOf(loaded)).to.deep.equal([]);
    expect(policyOf(loaded)).to.deep.equal(MEANT);
  });

  it('mean what they meant in parts, and empty', () => {
    const { workspaces, telegram_groups, dm_whitelist } = JSON.parse(GUIDE) as Record<string, unknown>;
    const none = { userIds: new Map(), usernames: new Map(), defaultDirectory: '/cwd' };
    expect(policyOf(loadFile({ workspaces, telegram_groups }))).to.deep.equal({ workspaces: MEANT.workspaces, whitelist: none });
    expect(policyOf(loadFile({ dm_whitelist }))).to.deep.equal({ workspaces: [], whitelist: MEANT.whitelist });
    expect(policyOf(loadFile({}))).to.deep.equal({ workspaces: [], whitelist: none });
    expect(policyOf(loadFile({ people: {} }))).to.deep.equal({ workspaces: [], whitelist: none, people: new Map() });
  });
});
