/**
 * What adapters notice about the other side. A notice is a fact with a name; what else is known of it stands in
 * `facts`, which hold no secret.
 */
export type AdapterEvent =
  | { readonly type: 'gateway-noticed'; readonly gateway: string; readonly notice: GatewayNotice; readonly facts: Facts }
  | { readonly type: 'engine-noticed'; readonly engine: string; readonly notice: EngineNotice; readonly facts: Facts }
  | { readonly type: 'model-server-noticed'; readonly model: string; readonly notice: ModelServerNotice; readonly facts: Facts }
  | { readonly type: 'http-noticed'; readonly notice: HttpNotice; readonly facts: Facts }
  | { readonly type: 'traces-noticed'; readonly notice: TracesNotice; readonly facts: Facts };

export type Facts = Readonly<Record<string, unknown>>;

export type GatewayNotice =
  // The connection.
  | 'connected'
  | 'connection-lost'
  | 'connection-retried'
  | 'client-said'
  | 'privacy-mode'
  | 'connection-silent'
  | 'connection-not-closed'
  | 'address-changed'
  | 'addresses-unknown'
  | 'account-refused'
  | 'session-lost'
  | 'username-changed'
  | 'flood-wait'
  | 'clock-agrees'
  | 'clock-ahead'
  | 'clock-behind'
  | 'clock-unknown'
  | 'connection-state-not-stored'
  // Updates.
  | 'difference-too-long'
  | 'group-difference-too-long'
  | 'stream-renumbered'
  | 'group-renumbered'
  | 'stream-unknown'
  | 'difference-postponed'
  | 'group-unreadable'
  | 'update-failed'
  | 'update-empty'
  | 'checkpoint-not-stored'
  // Messages on their way in.
  | 'message-not-handed-over'
  | 'update-abandoned'
  | 'message-unreadable'
  | 'message-read-again'
  | 'move-not-stored'
  | 'album-read-again'
  | 'sender-asked-again'
  | 'sender-unknown'
  | 'album-unreadable'
  | 'file-fetched'
  | 'file-not-fetched'
  | 'voice-not-transcribed'
  | 'lookup-failed'
  | 'chat-not-shown'
  // Messages on their way out.
  | 'sent-before'
  | 'sent-before-unfound'
  | 'sent-before-confirmed'
  | 'sent-simpler'
  | 'thread-refused'
  | 'thread-part-not-removed'
  | 'sent-not-recorded'
  | 'late-edit'
  | 'tap-failed'
  | 'tap-not-answered'
  | 'read-mark-failed'
  | 'self-ping-not-removed';

export type EngineNotice =
  | 'database-migrated'
  | 'server-awaited'
  | 'connection-lost'
  | 'connection-not-closed'
  | 'clocks-differ'
  | 'changes-unheard'
  | 'change-not-announced'
  | 'file-unwatched'
  | 'version-unread'
  | 'mark-not-written'
  | 'checkpoint-failed'
  | 'jobs-reconciled'
  | 'jobs-unchecked'
  | 'jobs-check-cut'
  | 'queue-upkeep-failed'
  | 'queue-warned';

export type ModelServerNotice = 'dialect-learnt' | 'responses-refused' | 'tools-refused' | 'unknown-finish';

export type TracesNotice = 'traces-not-sent' | 'traces-sent-again';

export type HttpNotice =
  | 'listening'
  | 'request-answered'
  | 'request-refused'
  | 'request-failed'
  | 'metrics-not-served'
  | 'guesses-slowed'
  | 'signed-out-everywhere'
  | 'certificate-renewed'
  | 'certificate-refused';
