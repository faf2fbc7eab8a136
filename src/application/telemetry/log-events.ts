/**
 * Long because all sentences of the log stand in this file, one for each kind of event.
 * A line holds every field of its event but the type.
 */
import type { EventOf, KeptEvent, KeptEventType } from '../../domain/events/event.ts';
import type { EngineNotice, GatewayNotice, HttpNotice, ModelServerNotice, TracesNotice } from '../../domain/events/notices.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogFields, Logger } from '../../ports/logger.ts';
import { reasonOf } from '../../ports/port-error.ts';
import { makeDenialThrottle } from './denial-throttle.ts';
import type { EventListener } from './make-events.ts';
import { makePollThrottle } from './poll-throttle.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';
type ForEvent<E, Value> = Value | ((event: E) => Value);

interface Sentence<E> {
  /** The logger's area. */
  readonly area: ForEvent<E, string>;
  readonly level: ForEvent<E, Level>;
  readonly words: ForEvent<E, string>;
  /** Which fields the line has, where those of the event will not do. */
  readonly fields?: (event: E) => LogFields;
}

const fieldsOf = <E extends KeptEvent>({ type: _, ...fields }: E): LogFields => fields;

const GATEWAY: Readonly<Record<GatewayNotice, readonly [Level, string]>> = {
  connected: ['info', 'connected'],
  'connection-lost': ['info', 'not connected; it is tried again'],
  'connection-retried': ['warn', 'still not connected; it is tried again'],
  'client-said': ['debug', 'the client library reports'],
  'privacy-mode': ['info', 'privacy mode decides which messages of groups this bot sees'],
  'connection-silent': ['warn', 'the connection does not answer; it is opened again'],
  'connection-not-closed': ['debug', 'a connection could not be closed, and is left behind'],
  'address-changed': ['info', 'the data centre is reached at another address'],
  'addresses-unknown': ['debug', 'the addresses of the servers are unknown; the next connection asks again'],
  'account-refused': ['error', 'the platform refuses this account; messages wait until somebody mends it and restarts'],
  'session-lost': ['warn', "the bot's session is lost; it signs in again with its token"],
  'username-changed': ['info', 'the account has another username'],
  'flood-wait': ['warn', 'the platform asks to wait before the next attempt'],
  'clock-agrees': ['info', "this machine's clock agrees with the platform's again"],
  'clock-ahead': ['warn', "this machine's clock is ahead of the platform's: set it by a time server"],
  'clock-behind': ['warn', "this machine's clock is behind the platform's: set it by a time server"],
  'clock-unknown': ['debug', "the platform's time is not known yet"],
  'connection-state-not-stored': ['error', 'the state of the connection could not be stored'],
  'difference-too-long': ['warn', 'the platform keeps no difference for so long an absence; messages are fetched one by one'],
  'group-difference-too-long': [
    'warn',
    'the platform keeps no difference of a group for so long an absence; its messages of the last day are fetched one by one, older ones are skipped',
  ],
  'stream-renumbered': ['error', 'the platform numbers its updates from a lower number; what was missed is searched for'],
  'group-renumbered': ['error', 'the platform numbers the updates of a group from a lower number; what was missed is searched for'],
  'stream-unknown': ['error', 'the platform does not know the stored place in the stream of updates; the stream goes on from now'],
  'difference-postponed': ['info', 'missed updates could not be fetched; they are fetched later'],
  'group-unreadable': ['warn', 'a group can no longer be read; its updates are not fetched any more'],
  'update-failed': ['error', 'an update could not be processed; what is missing is fetched again'],
  'update-empty': ['debug', 'an update brings nothing to receive'],
  'checkpoint-not-stored': ['warn', 'the place in the stream of updates could not be stored; it is stored again later'],
  'message-not-handed-over': ['warn', 'a message was not received; it is handed over again later'],
  'update-abandoned': ['error', 'a message could not be handed over'],
  'message-unreadable': ['error', 'a message cannot be read, and is left out'],
  'message-read-again': ['warn', 'a message could not be read; it is read again'],
  'move-not-stored': ['warn', 'the new id of a group could not be stored; it is tried again'],
  'album-read-again': ['warn', 'an album could not be read; it is read again'],
  'sender-asked-again': ['warn', 'the platform did not say who sent a message; it is asked again'],
  'sender-unknown': ['warn', 'the platform did not say who sent a message'],
  'album-unreadable': ['warn', 'an album could not be read again'],
  'file-fetched': ['info', 'a file was fetched'],
  'file-not-fetched': ['warn', 'a file could not be fetched'],
  'voice-not-transcribed': ['warn', 'a voice message could not be transcribed'],
  'lookup-failed': ['warn', 'new messages could not be looked up; they are looked up again'],
  'chat-not-shown': ['warn', 'a chat could not be shown; it is shown again'],
  'sent-before': ['info', 'a message had arrived before: the confirmation was lost'],
  'sent-before-unfound': ['warn', 'a message had arrived before, and cannot be found in its chat any more'],
  'sent-before-confirmed': ['info', 'a message had arrived before: the platform has confirmed it since'],
  'sent-simpler': ['warn', 'the platform accepts a message only in a simpler form'],
  'thread-refused': ['warn', 'a topic or thread takes no messages; the whole message goes to the general topic'],
  'thread-part-not-removed': ['warn', 'a part of a message that goes to the general topic could not be removed from its thread'],
  'sent-not-recorded': ['warn', 'which message was sent could not be stored'],
  'late-edit': ['warn', 'a message may show the text of a late edit'],
  'tap-failed': ['warn', 'a tap of a button was not worked off; the person was asked to tap again'],
  'tap-not-answered': ['warn', 'a tap of a button could not be answered; what it decided stands'],
  'read-mark-failed': ['debug', 'a chat could not be marked as read'],
  'self-ping-not-removed': ['warn', 'a self-ping could not be removed; the next start removes it'],
};

const ENGINE: Readonly<Record<EngineNotice, readonly [Level, string]>> = {
  'database-migrated': ['info', 'the database was brought up to date'],
  'server-awaited': ['warn', 'waiting for PostgreSQL, for 8 s at most'],
  'connection-lost': ['debug', 'an idle connection to PostgreSQL was lost'],
  'connection-not-closed': ['debug', 'a lost connection did not close cleanly'],
  'clocks-differ': ['error', "this machine's clock and PostgreSQL's differ; leases go by PostgreSQL's: set this clock by a time server"],
  'changes-unheard': ['debug', 'PostgreSQL does not announce changes; they are polled for every second'],
  'change-not-announced': ['debug', 'a commit could not be announced to other processes; they poll for it'],
  'file-unwatched': ['debug', 'the database file cannot be watched; changes are polled for every second'],
  'version-unread': ['debug', 'the version of the data could not be read; every listener polls'],
  'mark-not-written': ['debug', 'the mark beside the database could not be written'],
  'checkpoint-failed': ['debug', 'the WAL could not be written into the database; it keeps growing'],
  'jobs-reconciled': ['warn', 'pending promises had lost their jobs in the queue; they have new ones'],
  'jobs-unchecked': ['warn', 'the job queue could not be checked; it is checked again'],
  'jobs-check-cut': ['debug', 'a check of the job queue was cut short by the stop'],
  'queue-upkeep-failed': ['warn', 'pg-boss could not maintain its tables; it tries again'],
  'queue-warned': ['warn', 'pg-boss warns'],
};

const MODEL_SERVER: Readonly<Record<ModelServerNotice, readonly [Level, string]>> = {
  'dialect-learnt': ['info', 'the server refused a request; it is asked in another form from now on'],
  'responses-refused': [
    'info',
    'the server has no Responses API; it is asked over Chat Completions from now on, where a model forgets its thoughts between calls',
  ],
  'tools-refused': [
    'warn',
    "the model can't call tools: it is asked without them, and makes no promises or schedules and reads no files; name another in OPENAI_MODEL",
  ],
  'unknown-finish': ['info', 'a reply ended with an unknown word; what came of it is kept'],
};

const TRACES: Readonly<Record<TracesNotice, readonly [Level, string]>> = {
  'traces-not-sent': ['warn', 'traces could not be sent; what comes meanwhile is left out where it has no room'],
  'traces-sent-again': ['info', 'traces are sent again'],
};

const HTTP: Readonly<Record<HttpNotice, readonly [Level, string]>> = {
  listening: ['info', 'the HTTP server listens'],
  'request-answered': ['debug', 'answered a request'],
  'request-refused': ['info', 'a request was refused'],
  'request-failed': ['error', 'a request failed'],
  'metrics-not-served': ['warn', 'metrics of this process can not be read; it goes on without that'],
  'guesses-slowed': ['warn', 'somebody guesses tokens: their address has to wait before the next'],
  'signed-out-everywhere': ['info', 'all sign-ins at the page were ended'],
  'certificate-renewed': ['info', 'the renewed certificate is in use'],
  'certificate-refused': ['error', 'the new certificate can not be used; the one before stays'],
};

const SENTENCES: { readonly [Type in KeptEventType]: Sentence<EventOf<Type>> } = {
  // Messages on their way in.
  'message-received': {
    area: 'messages',
    level: 'info',
    words: ({ verdict }) => (verdict === undefined ? 'message received, to be answered' : `message ${verdict}`),
  },
  'message-repeated': {
    area: 'messages',
    level: 'debug',
    words: ({ isEdit }) => `message ${isEdit ? 'edited after its verdict' : 'received again'}, and dropped`,
    fields: ({ chatId, messageId }) => ({ chatId, messageId }),
  },
  'message-edited': {
    area: 'messages',
    level: ({ effect }) => (effect === 'reopened' ? 'info' : 'debug'),
    words: ({ effect }) =>
      ({
        waiting: 'message edited while it waits: its new text is answered',
        reopened: 'message edited, and asks for an answer now',
        corrected: 'message edited after its verdict: memory has the new text',
      })[effect],
  },
  'message-denied': {
    area: 'messages',
    level: ({ rule }) => (rule === 'username-pinned-elsewhere' ? 'error' : 'warn'),
    words: ({ rule, at }) => {
      if (rule === 'username-pinned-elsewhere') return 'a listed username came from another account';
      if (rule === 'edited-by-another') return 'message edited by somebody who did not send it, and dropped';
      return at === 'turn' ? 'message no longer allowed' : 'message denied';
    },
    fields: ({ type: _, at: __, ...fields }) => fields,
  },
  'pairing-offered': { area: 'messages', level: 'info', words: 'a stranger is offered to the owners, who may let them in' },
  'pairing-decided': {
    area: 'messages',
    level: 'info',
    words: ({ status }) => (status === 'paired' ? 'somebody was let in' : 'somebody is not let in any more'),
  },
  'person-over-rate': { area: 'messages', level: 'warn', words: 'a person asks more often than is answered; the message is remembered' },
  'message-deleted': {
    area: 'messages',
    level: ({ effect }) => (effect === 'unanswered' ? 'info' : 'debug'),
    words: ({ effect }) =>
      ({
        part: 'message deleted in part: the rest of it stays',
        forgotten: 'message deleted: what it said is forgotten',
        unanswered: 'message deleted while it waits: it is not answered',
      })[effect],
  },
  'replied-message-unread': { area: 'turns', level: 'info', words: 'the message that a message replies to could not be read' },
  'inbound-retried': {
    area: 'messages',
    level: 'warn',
    words: ({ what }) =>
      ({
        message: 'a message could not be received; it is tried again',
        deletion: 'deleted messages could not be erased; it is tried again',
        move: 'the new id of a chat could not be stored; it is tried again',
        attachments: 'the text of a message could not be completed with its files; it is tried again',
      })[what],
  },
  'attachments-fetched': { area: 'messages', level: 'info', words: 'the files of a message were fetched' },
  'attachments-failed': {
    area: 'messages',
    level: 'warn',
    words: ({ isOver }) =>
      isOver
        ? 'the files of a message could not be fetched, and are given up'
        : 'the files of a message could not be fetched; it is tried again',
  },
  'runs-purged': { area: 'turns', level: 'info', words: 'the steps of old turns were purged' },
  'request-keys-purged': { area: 'http', level: 'info', words: 'old idempotency keys were purged' },
  'denied-messages-purged': { area: 'messages', level: 'info', words: 'denied messages were purged' },
  'chat-moved': { area: 'chats', level: 'info', words: 'a chat goes on under another id' },
  'chat-outdated': {
    area: 'chats',
    level: 'warn',
    words: ({ advice }) => advice,
    fields: ({ from, to, workspace }) => ({ from, to, workspace }),
  },

  // Turns.
  'turn-committed': {
    area: 'turns',
    level: ({ outcome }) => (outcome === 'failed' ? 'error' : 'info'),
    words: ({ outcome }) => (outcome === 'failed' ? 'turn failed; the people who wait are told' : 'turn committed'),
  },
  'files-shown': {
    area: 'turns',
    level: 'info',
    words: ({ notShown }) => (notShown.length === 0 ? 'a model is shown files' : 'a model is shown files; of some it is only told'),
  },
  'turn-stopped': { area: 'turns', level: 'info', words: 'turn stopped, as asked' },
  'turn-restarted': { area: 'turns', level: 'info', words: 'a turn starts again' },
  'turn-not-committed': { area: 'turns', level: 'error', words: 'a turn could not be committed; its messages wait, and it is tried again' },
  'turn-crashed': { area: 'turns', level: 'error', words: 'a turn failed with an error that is not a PortError' },
  'conversation-summed-up': { area: 'turns', level: 'info', words: 'the beginning of a conversation was summed up' },
  'conversation-not-summed-up': {
    area: 'turns',
    level: 'warn',
    words: 'a conversation could not be summed up; its oldest messages are left out',
  },
  'outcomes-resurfaced': { area: 'turns', level: 'info', words: 'outcomes that could not be delivered are sent again' },
  'usage-not-stored': { area: 'turns', level: 'error', words: 'the usage of a run could not be stored' },

  // Agents, models and tools.
  'agent-run-ended': { area: 'agents', level: 'debug', words: ({ outcome }) => `the run of an agent is over: ${outcome}` },
  'model-responded': { area: 'models', level: 'debug', words: 'model responded' },
  'model-failed': {
    area: 'models',
    level: ({ error }) => (error === undefined ? 'warn' : 'error'),
    words: ({ error }) => (error === undefined ? 'a model failed' : 'a model failed with an error that is not a PortError'),
  },
  'model-retried': { area: 'models', level: 'warn', words: 'a model failed; it is asked again' },
  'model-declined': { area: 'models', level: 'warn', words: 'a model declined to answer' },
  'model-request-shortened': { area: 'agents', level: 'warn', words: 'a request was too long; the model is asked with less history' },
  'model-asked-without-history': { area: 'agents', level: 'warn', words: 'a model declined; it is asked without the history' },
  'model-state-not-stored': {
    area: 'models',
    level: 'warn',
    words: ({ state }) =>
      state === 'cooldown' ? 'the cooldown of a model could not be stored' : 'that a model takes no tools could not be stored',
  },
  'model-state-unread': { area: 'models', level: 'warn', words: 'the cooldowns of models could not be read' },
  'tool-called': { area: 'tools', level: 'debug', words: 'tool called' },
  'tool-calls-failed': { area: 'tools', level: 'warn', words: 'calls of tools failed' },
  'tool-ignored-abort': { area: 'tools', level: 'error', words: 'a tool ignored its abort signal; the run goes on without it' },
  'tool-outcome-unknown': {
    area: 'tools',
    level: 'warn',
    words: 'a process ended while a tool acted; whether it took effect is not known, and it is not run again',
  },
  'tool-needs-operator': { area: 'tools', level: 'warn', words: 'a tool failed; whoever runs Kept can mend that' },
  'tool-crashed': { area: 'tools', level: 'error', words: 'a tool threw an error that is not a PortError' },
  'leg-removed': {
    area: 'agents',
    level: 'warn',
    words: ({ until }) =>
      `private data and untrusted content were to meet a way out in one run; the call ${until === 'approved' ? 'waits for a person' : 'was not made'}`,
  },
  'answer-sent-back': {
    area: 'turns',
    level: 'warn',
    words: 'an answer claims work that is not promised, or a deed that nothing did; it is sent back to the model',
  },
  'answer-corrected': { area: 'turns', level: 'info', words: 'an answer that was sent back is true now' },
  'answer-rewritten': { area: 'turns', level: 'warn', words: 'an answer makes such claims again; they are removed' },
  'result-sent-back': { area: 'promises', level: 'warn', words: 'an answer brings no result to its promise; it is sent back to the model' },
  'agent-ignored-abort': { area: 'agents', level: 'error', words: 'an agent ignored its abort signal; the chat goes on without it' },
  'storage-retried': { area: 'promises', level: 'warn', words: 'what a run needs could not be read from storage; it is read again' },

  // MCP servers.
  'mcp-server-connected': { area: 'mcp', level: 'info', words: 'an MCP server is connected' },
  'mcp-server-failed': {
    area: 'mcp',
    level: ({ failures }) => (failures === 1 ? 'warn' : 'debug'),
    words: 'an MCP server failed, and is started again',
  },
  'mcp-tools-changed': { area: 'mcp', level: 'info', words: 'an MCP server changed its tools' },
  'mcp-tools-left-out': { area: 'mcp', level: 'warn', words: 'tools of an MCP server are not offered' },

  // The coding agent.
  'coding-agent-chosen': {
    area: 'coding',
    level: ({ contained }) => (contained ? 'info' : 'warn'),
    words: ({ contained }) =>
      contained
        ? 'code is changed by this agent, in bubblewrap'
        : 'code is changed by this agent, without bubblewrap: only its own rules hold it to the directory; install bubblewrap',
  },
  'coding-agent-missing': { area: 'coding', level: 'error', words: 'the coding agent can not be used; coding tasks fail' },
  'coding-run-started': {
    area: 'coding',
    level: 'info',
    words: ({ resumes }) => (resumes ? 'the coding agent goes on with its session' : 'the coding agent begins a session'),
  },
  'coding-run-ended': { area: 'coding', level: 'info', words: 'the coding agent has ended' },
  // Alerts.
  'alert-fired': {
    area: 'alerts',
    level: ({ severity }) => (severity === 'info' ? 'info' : severity === 'warning' ? 'warn' : 'error'),
    words: ({ title }) => `alert: ${title}`,
  },
  'alert-resolved': { area: 'alerts', level: 'info', words: ({ title }) => `alert is over: ${title}` },
  'alert-without-channel': {
    area: 'alerts',
    level: 'warn',
    words: ({ reason }) =>
      reason === 'no-channel'
        ? 'an alert reaches nobody: no channel is configured; see docs/how-to/be-alerted.md'
        : 'an alert leaves only by the gateway that it is about: configure a second channel',
  },
  'alert-delivered': { area: 'alerts', level: 'info', words: 'an alert was sent' },
  'alert-not-delivered': {
    area: 'alerts',
    level: ({ failures, waitMs }) => (failures === 1 || waitMs === undefined ? 'error' : 'warn'),
    words: ({ waitMs }) => (waitMs === undefined ? 'an alert could not be sent' : 'an alert could not be sent; it is tried again'),
  },
  'alert-rule-unread': { area: 'alerts', level: 'warn', words: 'what a rule of alerts looks at could not be read' },
  'alert-silenced': {
    area: 'alerts',
    level: 'warn',
    words: 'alerts are silenced',
    fields: ({ type: _, until, ...fields }) => ({ ...fields, until: new Date(until).toISOString() }),
  },
  'alert-silence-ended': {
    area: 'alerts',
    level: 'info',
    words: ({ by }) => (by === 'time' ? 'alerts are no longer silenced: the time of the silence is over' : 'alerts are no longer silenced'),
  },
  'dead-man-not-pinged': {
    area: 'alerts',
    level: ({ failures }) => (failures === 1 ? 'warn' : 'debug'),
    words: "the dead-man's switch could not be told that all is looked at",
  },
  'budget-warned': { area: 'budgets', level: 'warn', words: 'a budget is nearly used up; the chat is told' },
  'budget-stopped': {
    area: 'budgets',
    level: 'warn',
    words: ({ reason }) =>
      reason === 'no price'
        ? 'something without a price was not used, because a budget holds'
        : 'a budget is used up; nothing more is spent',
  },
  'cheaper-model-chosen': { area: 'budgets', level: 'info', words: 'a budget is nearly used up; a cheaper model answers' },
  'ledger-purged': { area: 'budgets', level: 'info', words: 'old entries of the ledger were purged' },
  'reservations-lapsed': { area: 'budgets', level: 'info', words: 'money that processes had reserved before they died is free again' },
  'reservations-not-renewed': { area: 'budgets', level: 'warn', words: 'what is reserved could not be renewed; it is tried again' },
  'coding-denied': { area: 'coding', level: 'warn', words: 'the coding agent was not allowed to do something' },
  'coding-session-not-stored': {
    area: 'coding',
    level: 'warn',
    words: "the coding agent's session could not be stored; a cut run begins anew",
  },

  // Approvals.
  'approval-asked': { area: 'approvals', level: 'info', words: 'a call waits for the approval of a person' },
  'approval-decided': {
    area: 'approvals',
    level: 'info',
    words: ({ verdict }) => `an approval was ${verdict === 'approved' ? 'given' : 'denied'}`,
  },
  'approval-refused': { area: 'approvals', level: 'warn', words: 'somebody tried to decide on an approval, and was refused' },
  'approval-expired': { area: 'approvals', level: 'info', words: 'nobody decided on an approval in time; its call is not run' },
  'card-updated': {
    area: 'approvals',
    level: 'debug',
    words: ({ how }) => (how === 'left' ? 'nobody saw the card of an approval' : 'the chat is shown what became of an approval'),
  },
  'card-not-updated': {
    area: 'approvals',
    level: 'warn',
    words: 'the card of an approval could not be brought up to date; it is tried again',
  },
  'standing-approval-given': { area: 'approvals', level: 'info', words: 'a standing approval was given' },
  'standing-approval-revoked': { area: 'approvals', level: 'info', words: 'a standing approval was revoked' },

  // Promises and schedules.
  'promise-made': { area: 'promises', level: 'info', words: 'promise made' },
  'promise-commanded': { area: 'promises', level: 'info', words: 'promise commanded' },
  'promise-command-refused': { area: 'promises', level: 'info', words: 'a command on a promise was refused' },
  'promise-attempt-started': { area: 'promises', level: 'info', words: 'promise started' },
  'promise-attempt-ended': {
    area: 'promises',
    level: ({ reason }) => (reason === undefined ? 'info' : 'warn'),
    words: ({ end, reason }) => {
      if (end === 'fail') return 'promise attempt failed';
      return end === 'hand-back' && reason !== undefined ? 'promise could not begin; it waits' : 'promise attempt ended';
    },
  },
  'promise-end-dropped': { area: 'promises', level: 'warn', words: 'an outcome came too late, or was recorded before, and was dropped' },
  'promise-end-not-recorded': { area: 'promises', level: 'error', words: 'the end of a promise could not be recorded' },
  'promise-end-unknown': {
    area: 'promises',
    level: 'error',
    words: 'whether the end of a promise is recorded is unknown; if it is not, the promise runs again when its lease expires',
  },
  'promise-run-aborted': { area: 'promises', level: 'info', words: 'a run is aborted: this worker no longer holds its promise' },
  'promise-ignored-abort': {
    area: 'promises',
    level: 'error',
    words: ({ at }) =>
      at === 'stop'
        ? 'a promise ignored its abort signal; it runs again when its lease expires'
        : 'an executor ignored its abort signal; the worker goes on without it',
  },
  'executor-crashed': { area: 'promises', level: 'error', words: 'an executor threw an error that is not a PortError' },
  'promise-deadline-missed': { area: 'promises', level: 'warn', words: 'a promise missed its deadline, and failed' },
  'promise-progress-not-stored': { area: 'promises', level: 'debug', words: 'the progress of a promise could not be stored' },
  'promise-delivered': { area: 'outbox', level: 'debug', words: 'the outcome of a promise was delivered' },
  'promises-purged': {
    area: 'promises',
    level: 'info',
    words: ({ olderThanMs }) => `settled promises were purged${olderThanMs === undefined ? '' : ', as asked'}`,
  },
  'heartbeat-failed': { area: 'promises', level: 'error', words: 'a heartbeat failed; leases expire unless the next one succeeds' },
  'leases-not-released': { area: 'promises', level: 'warn', words: 'leases of ended runs could not be released; they expire' },
  'schedule-made': { area: 'schedules', level: 'info', words: 'schedule made' },
  'schedule-ended': {
    area: 'schedules',
    level: ({ reason }) => (reason === undefined ? 'info' : 'warn'),
    words: ({ reason }) => (reason === undefined ? 'schedule ended' : 'a schedule is ended'),
  },
  'schedule-ticked': { area: 'schedules', level: 'info', words: 'a schedule made a promise' },
  'schedule-tick-skipped': { area: 'schedules', level: 'warn', words: 'a tick of a schedule is skipped' },

  // Rights of persons.
  'right-denied': { area: 'rights', level: 'warn', words: 'somebody asked for what they may not do' },

  // Facts and links.
  'fact-remembered': { area: 'recall', level: 'info', words: 'a fact is remembered' },
  'fact-forgotten': { area: 'recall', level: 'info', words: 'a fact is forgotten' },
  'link-saved': { area: 'recall', level: 'info', words: 'links are saved' },
  'link-forgotten': { area: 'recall', level: 'info', words: 'a link is forgotten' },
  'person-forgotten': { area: 'recall', level: 'info', words: 'a person is forgotten' },

  // Messages on their way out.
  'gateway-called': { area: 'outbox', level: 'debug', words: ({ outcome }) => `a gateway was asked to send: ${outcome}` },
  'message-delivered': { area: 'outbox', level: 'info', words: 'message delivered' },
  'delivery-retried': { area: 'outbox', level: 'warn', words: 'a message could not be sent; it is sent again' },
  'delivery-abandoned': { area: 'outbox', level: 'error', words: 'a message could not be delivered, and is given up' },
  'delivery-redirected': { area: 'outbox', level: 'info', words: 'a message goes to the new id of its chat' },
  'delivery-not-recorded': {
    area: 'outbox',
    level: 'error',
    words: 'the outcome of a send could not be recorded; it is sent again with the same delivery key',
  },
  'webhook-delivered': { area: 'webhooks', level: 'info', words: 'the receiver of webhooks has taken an event' },
  'webhook-retried': { area: 'webhooks', level: 'warn', words: 'the receiver of webhooks did not take an event; it is posted again' },
  'webhook-abandoned': {
    area: 'webhooks',
    level: 'error',
    words: 'an event could not be posted to the receiver of webhooks, and is given up',
  },
  'webhook-not-recorded': {
    area: 'webhooks',
    level: 'error',
    words: 'what became of an event could not be recorded; it is posted again under the same id',
  },
  'webhooks-purged': { area: 'webhooks', level: 'info', words: 'old events for webhooks purged' },
  'gateway-crashed': { area: 'outbox', level: 'error', words: 'a gateway threw an error that is not a PortError' },
  'gateway-rate-limited': { area: 'outbox', level: 'warn', words: 'the platform limits the rate of calls' },
  'presence-not-shown': { area: 'presence', level: 'debug', words: 'typing or a draft could not be shown' },
  'status-not-pinned': {
    area: 'presence',
    level: 'warn',
    words: 'the status could not be pinned: let the bot pin messages in that chat, and pin it by hand until then',
  },
  'progress-not-shown': { area: 'presence', level: 'debug', words: 'the progress of promises could not be shown' },

  // Backups.
  'backup-made': { area: 'storage', level: 'info', words: 'a backup was made' },
  'backup-not-made': { area: 'storage', level: 'error', words: 'a backup could not be made; it is tried again' },
  'backups-pruned': { area: 'storage', level: 'info', words: 'older backups were removed' },
  'backups-not-pruned': { area: 'storage', level: 'warn', words: 'older backups could not be removed' },

  // Loops, leadership and processes.
  'commit-ended': {
    area: 'storage',
    level: 'debug',
    words: ({ what, outcome }) => `the commit of ${what === 'turn' ? 'a turn' : 'promises'}: ${outcome}`,
  },
  'poll-failed': {
    area: '',
    level: 'error',
    words: ({ loop }) =>
      loop === 'leadership'
        ? 'the lease of the leader could not be claimed or renewed'
        : 'polling failed; it is tried again at the next change',
  },
  'poll-recovered': {
    area: '',
    level: 'info',
    words: ({ loop }) => (loop === 'leadership' ? 'the lease of the leader can be claimed again' : 'polling recovered'),
  },
  'leader-elected': { area: 'leadership', level: 'info', words: 'this process leads' },
  'leader-standby': { area: 'leadership', level: 'info', words: 'this process stands by' },
  'leader-lost': { area: 'leadership', level: 'error', words: 'another process leads; this one stands by' },
  'leader-lease-not-renewed': {
    area: 'leadership',
    level: 'error',
    words: 'the lease of the leader could not be renewed in time; this process stands down before another one leads',
  },
  'leader-session-failed': {
    area: 'leadership',
    level: 'error',
    words: ({ at }) =>
      ({
        begin: 'the session of the leader could not begin',
        end: 'the session of the leader did not end cleanly',
        resign: 'the lease of the leader could not be released',
      })[at],
  },
  'process-started': {
    area: '',
    level: 'info',
    words: ({ leader }) => (leader === undefined ? 'started' : 'stands by'),
    fields: ({ facts }) => facts,
  },
  'process-stopping': { area: '', level: 'info', words: 'stopping' },
  'process-crashed': { area: '', level: 'error', words: 'crashed' },
  'process-failed': { area: '', level: 'error', words: 'could not run' },
  'service-manager-not-told': {
    area: '',
    level: 'warn',
    words: 'the service manager could not be told how this process is; it may restart it',
  },
  'watchdog-withheld': {
    area: '',
    level: 'error',
    words: 'the store does not answer; the service manager is given no sign of life, and may restart this process',
  },
  'child-started': { area: 'supervisor', level: 'info', words: 'a supervised process serves' },
  'child-ended': {
    area: 'supervisor',
    level: ({ verdict }) => (({ ended: 'info', crashed: 'warn', looping: 'error', 'given-up': 'error' }) as const)[verdict],
    words: ({ verdict }) =>
      ({
        ended: 'a supervised process ended; it is started again',
        crashed: 'a supervised process crashed; it is started again',
        looping: 'a supervised process is in a crash loop; it is started again after a longer wait',
        'given-up': 'the configuration of a supervised process has errors; it is not started again',
      })[verdict],
  },
  'child-not-serving': { area: 'supervisor', level: 'error', words: 'a supervised process did not come to serve, and is killed' },
  'child-not-spawned': { area: 'supervisor', level: 'error', words: 'a supervised process could not be spawned' },
  'run-note-not-written': { area: '', level: 'error', words: 'other commands can not be told of this process' },
  'supervisor-state-not-written': { area: 'supervisor', level: 'error', words: 'others can not be told what a supervisor does' },
  'supervisor-lost': {
    area: 'supervisor',
    level: 'error',
    words: 'its supervisor is gone without a stop: it was killed, or crashed; this process ends as by a stop',
  },
  'supervisor-found-lost': {
    area: 'supervisor',
    level: 'warn',
    words: 'the supervisor before ended without a stop: it was killed, or crashed',
  },
  'child-recovered': { area: 'supervisor', level: 'info', words: 'the crash loop of a supervised process is over' },
  'child-stalled': {
    area: 'supervisor',
    level: 'error',
    words: 'a supervised process gives no sign of life; it is killed and started again',
  },
  'restart-rolled': {
    area: 'supervisor',
    level: ({ failure }) => (failure === undefined ? 'info' : 'error'),
    words: ({ failure }) => (failure === undefined ? 'all processes were restarted' : 'a restart went no further; what runs goes on'),
  },
  'takeover-not-told': { area: '', level: 'error', words: 'the standby message of a takeover could not be printed' },
  'part-not-stopped': { area: '', level: 'error', words: 'a part did not stop cleanly' },
  'configuration-warned': { area: '', level: 'warn', words: ({ problem }) => problem, fields: ({ place, hint }) => ({ place, hint }) },
  'configuration-applied': { area: '', level: 'info', words: 'the changed configuration counts from now on' },
  'configuration-refused': {
    area: '',
    level: 'error',
    words: 'the changed configuration has errors and is not used: that of before goes on',
  },
  'configuration-not-applied': { area: '', level: 'error', words: 'the changed configuration could not be taken over: it is tried again' },
  'audit-not-stored': { area: 'audit', level: 'error', words: 'a fact could not be stored in the audit log' },
  'workers-found-dead': { area: 'promises', level: 'warn', words: 'workers died while they ran promises; their promises are free at once' },
  'self-ping-failed': { area: '', level: 'warn', words: 'the self-ping failed' },

  // What adapters notice.
  'gateway-noticed': {
    area: ({ gateway }) => gateway,
    level: ({ notice }) => GATEWAY[notice][0],
    words: ({ notice }) => GATEWAY[notice][1],
    fields: ({ facts }) => facts,
  },
  'engine-noticed': {
    area: 'storage',
    level: ({ notice }) => ENGINE[notice][0],
    words: ({ notice }) => ENGINE[notice][1],
    fields: ({ facts }) => facts,
  },
  'model-server-noticed': {
    area: 'models',
    level: ({ notice }) => MODEL_SERVER[notice][0],
    words: ({ notice }) => MODEL_SERVER[notice][1],
    fields: ({ model, facts }) => ({ model, ...facts }),
  },
  'traces-noticed': {
    area: 'traces',
    level: ({ notice }) => TRACES[notice][0],
    words: ({ notice }) => TRACES[notice][1],
    fields: ({ facts }) => facts,
  },
  'http-noticed': {
    area: 'http',
    level: ({ notice }) => HTTP[notice][0],
    words: ({ notice }) => HTTP[notice][1],
    fields: ({ facts }) => facts,
  },
};

const valueFor = <E, Value>(event: E, value: ForEvent<E, Value>): Value =>
  typeof value === 'function' ? (value as (event: E) => Value)(event) : value;

type RefusalLine = 'warn' | 'error' | 'approval-refused' | 'right-denied' | 'person-over-rate';

/** Which refusals share a line of the log, and by what they are counted in it; undefined of what has its own line. */
const refusalIn = (event: KeptEvent, level: string): { readonly line: RefusalLine; readonly rule: string } | undefined => {
  switch (event.type) {
    case 'message-denied':
      return level === 'warn' || level === 'error' ? { line: level, rule: event.rule } : undefined;
    case 'approval-refused':
      return { line: event.type, rule: event.reason };
    case 'right-denied':
      return { line: event.type, rule: `${event.action}: ${event.rule}` };
    case 'person-over-rate':
      return { line: event.type, rule: event.senderId };
    default:
      return undefined;
  }
};

const MORE: Readonly<Record<RefusalLine, readonly [area: string, level: 'warn' | 'error', words: string]>> = {
  warn: ['messages', 'warn', 'more messages denied'],
  error: ['messages', 'error', 'more messages denied'],
  'approval-refused': ['approvals', 'warn', 'more decisions on approvals refused'],
  'right-denied': ['rights', 'warn', 'more asked for what they may not do'],
  'person-over-rate': ['messages', 'warn', 'more messages of people who ask more often than is answered'],
};

/**
 * Writes a line of the log for each event. Refusals that follow one another are counted in one line: strangers may
 * write, and members tap, as much as they like.
 */
export const makeLogEvents = (parts: EventLogParts): EventListener => makeEventLog(parts).listener;

interface EventLogParts {
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The same, with a way to write the counts so far. */
export const makeEventLog = ({ logger, clock }: EventLogParts): { readonly listener: EventListener; flush(): void } => {
  const areas = new Map<string, Logger>([['', logger]]);
  const loggerOf = (area: string): Logger => {
    const known = areas.get(area) ?? logger.child(area);
    areas.set(area, known);
    return known;
  };
  const throttle = makeDenialThrottle<RefusalLine>(clock, (line, denied, seconds) => {
    const [area, level, words] = MORE[line];
    loggerOf(area)[level]({ denied, seconds }, words);
  });
  const write = <E extends KeptEvent>(event: E, sentence: Sentence<E>): void => {
    const level = valueFor(event, sentence.level);
    const refusal = refusalIn(event, level);
    if (refusal && !throttle.passes(refusal.line, refusal.rule)) return;
    loggerOf(valueFor(event, sentence.area))[level]((sentence.fields ?? fieldsOf)(event), valueFor(event, sentence.words));
  };
  const writeEvent = (event: KeptEvent): void => write(event, SENTENCES[event.type] as Sentence<KeptEvent>);
  const polls = makePollThrottle(clock, writeEvent);
  return {
    listener: (event) => (event.type === 'poll-failed' || event.type === 'poll-recovered' ? polls(event) : writeEvent(event)),
    flush: throttle.flush,
  };
};

/** Logs that a listener of events threw. It is no event itself: that listener would be told of it. */
export const logFault =
  (logger: Logger) =>
  (error: unknown): void =>
    logger.error({ reason: reasonOf(error) }, 'a listener of events threw');
