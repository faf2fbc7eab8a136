const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * Every name that each entry of the package exports, types included. A name that is added here is a promise to
 * everybody who uses Kept as a library; one that is taken away is a breaking change.
 */
export const PUBLIC_NAMES: Readonly<Record<string, readonly string[]>> = {
  application: words(`
    makeForgetPerson makeWorkScopes WorkScopes
    prepareClaims
    ProcessRegistration UNREGISTERED_WORKER hasLiveLease within makeListProcesses makeProcessRegistration
    AlertSources AlertWatch AlertWatchParts GatewayState MeasuredSpan makeAlertWatch makeAlerts makeMeasuredSpans
    LastLook floodWaitIn isStaleLook readLastLook
    BackupParts BackupPlace BackupSchedule BackupScheduleParts KnownBackup makeBackupSchedule makeBackups makeKnownBackup
    BudgetLimit Spender limitsFor
    OpenSpending makeOpenSpending
    Level PerformanceTracker makePerformanceTracker makeReadLevels makeReportStats
    CallGuard CallParts CallVerdict JudgeCall makeApprovals makeCallGuard makeCallParts makeJudgeCall
    CodingParts GivenCoding
    AgentCatalog AgentRun BUILT_IN_TOOLS Bot BotParts BuiltIns CHAT_AGENT CheckHealth CommandParts Commands CoreParts
    ContentHub LoggedEvents makeContent
    EventHub EventListener ExplainMessage ExplainOwn Explanation GivenParts Kept KeptOptions KeptParts LeaderElector
    LeaderSession LoadBuiltIns LocalChats MayAct MayCall ModelCatalog ModelHelp MovedChats Optional OwnExplanation OwnUnit
    PROMISE_AGENT ProcessFacts PromiseWatcher PromiseWorker ReceiveMessage RetrySettings RunAgent RunRequest SelfPing
    TOOL_GROUPS ToolCaller ToolCatalog ToolGroup TurnSettings WorkerParts WorkerSettings homingStorage
    AloneRequest AloneRun BUILT_IN_AGENTS RunAlone SCOUT_AGENT makeRunAlone noSuchAgent
    makeAgentCatalog makeBot makeCommands makeDesk makeEvents makeHttpApi makeKept makeLeaderElector makeLogContent makeLogEvents makeLoggedEvents
    makeMayAct makeMayCall makeModelCatalog makeModelChains makeMovedChats makePairedPeople PairedPeople makeQueries makeAuditEvents makeRecordLogin RecordLogin makeResilientChains makeResilientModel makeRunAgent makeSelfPing makeToolActions
    Diagnosis DoctorCheck diagnose Examination isNamed isUnwell OfferedRepair Repair
    AskAgent HealthBoard makeAgentProbes makeBudgetProbes makeHealthBoard
    ProbeReading ProbeRun RunProbes StoredProbesDeps StoreFault makeRunProbes makeStoredProbes probesUpTo
    WebhookDeliverer WebhookDelivererParts makeWebhookDeliverer makeWebhooks
    makeToolCatalog makeToolLosses makeWorker watchPromise watchPromises withReplyLimits withStores
  `),
  domain: words(`
    MAX_WEBHOOK_AGE_MS PendingWebhookEvent WEBHOOK_RETENTION_MS WEBHOOK_STATUSES WEBHOOK_TYPES WebhookApproval WebhookDraft WebhookEvent
    WebhookEventId WebhookFact WebhookState WebhookStatus WebhookType chatOfWebhook revivedEvent webhookDraftFields
    Echo
    Backup BackupEngine BackupFile BackupManifest BackupTable
    Alert AlertSeverity AlertStatus CheckStatus Readiness ReadinessReading UnreadyFrom readinessOf
    ALERT_RULES ALERT_RULE_IDS AlertDelivery AlertIncident AlertReading AlertReadings AlertRecord AlertRule AlertRuleId AlertRules AlertSettings
    bytesWords plural AlertSilence AlertState AlertStep AlertUnit ChannelTraits alertOf alertState builtInAlertRules channelsFor durationWords failedDelivery
    isAlertRuleId isBadBy isSilenced planDeliveries sentDelivery serviceOf stepAlerts thresholdWords valueWords
    GIVEN_UP_MS MAX_UNDELIVERED windowOf
    MAX_OPEN_PAIRINGS MAX_PAIRED PAIRING_MS PAIRING_STATUSES Pairing PairingRefusal PairingStatus approvePairing codeOf
    isOpenPairing makePairing pairingFields readCode revokePairing
    BUILT_IN_PRICES Budget BudgetOwner LedgerEntry LimitUse MicroUsd Price Prices Reservation SpendingLimit SpentOn
    TokenRates USAGE_GROUPS UsageGroup UsageRow UsageSum costOf countsWithin fits fromUsd inDollars inDollarsExactly
    ledgerFields moneyOf priceOf sumOf toUsd
    APPROVAL_STATUSES Approval ApprovalCommand ApprovalEvent ApprovalId ApprovalStatus ApprovalTransitionRefusal ApprovedCall AskedApproval Decider
    StandingApproval StandingId approvalFields approvalId changedApproval digestOf holds isApprovalEnded standingFields standingId standsFor
    transitionApproval
    LISTED_RIGHTS ListedRight RIGHT_WORDS RightsIn RightVerdict rightsIn
    ACTIONS Action Actor GivenRole HeldRole Holder KnownPerson Origin ROLES RightAbout RightDecision RightEvent RightRule
    Role RunsFor decideRight denialWords ownersOf roleOf speakersOf
    DEFAULT_CODING_LIMITS
    KindSeries LEVEL LevelSeries SKETCHED_KINDS SeriesSteps SketchedKind seriesOf
    MAX_MEASURED_NAMES MEASURED_KINDS MeasuredKind MeasuredSketch Measurements MeasurementsBuilder NO_NAME OTHER_NAMES Observation
    FRESH_BACKUP_MS MigrationPhase PendingMigration UpgradeObstacle UpgradePlan upgradePlan
    HEARTBEAT_MS ListedProcess MAX_LISTED_PROMISES MAX_OVER MAX_OVER_EACH PROCESS_RETENTION_MS ProcessIdentity ProcessWork RegisteredProcess Restarts
    Drain WorkInHand drainWords inHandWords
    CONFIG_EXIT EndVerdict ProcessEnd SUPERVISION Supervised SupervisedPhase SupervisionSettings afterEnd endWords isLooping
    supervisedWords
    SILENT_AFTER_MS Vitality answersPeople isAlive keepsPromises listedAt restartsSince
    MAX_LISTED_PROCESSES restartWords
    SKETCH_ERROR Sketch SketchBuilder StatsRow UNKNOWN_NAME isSketch makeMeasurementsBuilder makeSketchBuilder mergedSketches percentileOf
    statsRow successRateOf
    cardButtons readButton visible visibleJson
    AUDIT_KINDS AuditFact AuditFilter AuditHead AuditKind AuditRow ChainCheck ChainFault ConfigurationChange NO_ROWS configurationFact loginFact auditFields chainBehind
    chatOfFact checkRows faultInWords hashedText
    DatabasesFor WorkspaceDatabaseRef allDatabases ownDatabase
    CodingEvent PERMISSION_KINDS PermissionDecision PermissionKind PermissionRequest codingRefusal decidePermission isCodingTask
    AskedMessage Run StoredRun askedMessage runFields
    IntentStep ModelStep RecordedCall RunId RunStep RunStepOf ToolStep runId stepsInWords unknownActsNote withoutAdvice
    AGENT_ID AccessDecision AccessPolicy AccessRule ActiveSchedule AdapterEvent Agent AgentEvent AgentLimits
    AgentPromise AnyId Attached Attachment AttachmentKind Brand Chat ChatId ChatKind ChatMove Claimable CommandForm
    ConversationEntry ConversationStep DEFAULT_LIMITS DEFAULT_LOCAL_CHAT DEFAULT_PROMISE_AGENT DEFAULT_RETENTION_MS
    DEFAULT_RETRY Decision DeletedMessages DeliveryEvent DependencyRefusal EFFORTS Effort EngineNotice EventOf Facts
    FetchedAttachment GateOutcome GatewayNotice HealthCheck HealthReport HealthStatus HttpNotice TracesNotice InboxMessage
    IncomingMessage InvalidValueError KeptEvent KeptEventType KnownModels LOCAL Lease LeaseSettings LeasedPromise MAX_LOST_LEASES
    MAX_MESSAGE_LENGTH MAX_OUTBOX_AGE_MS Media MessageButton MessageEvent MessageId MessagePart ModelProvider ModelReference ModelServerNotice NO_USAGE NativeId
    OPERATOR_ID OWN_ANSWERS OutboxDraft OutboxId OutboxItem OutboxState OutdatedChat PROMISE_STATUSES PendingOutboxItem
    PendingPromise PingReport PingReports Phrase PictureType Present ProcessEvent PromiseCommand PromiseEvent PromiseFailure RecallEvent FactOwner isOwnedBy PromiseId
    PromiseProgress PromiseSpec PromiseState PromiseStatus ReferenceProblem Refusal RepliedMessage ReplyLimits ResponseDecision
    ResponseRule Result RetryPolicy SELF_PING_CHAT SPAN_FORMS Schedule ScheduleEndRefusal ScheduleId ScheduleSpec
    ScheduleState Scope Sender SettledPromise Shares TASK_TYPES TaskTerms TaskType ToolCall TransitionRefusal Turn
    TurnDraft TurnEvent TurnId TurnSettings Usage UserId Verdict Whitelist WhitelistEntry WordQuery WorkerSettings Workspace
    accessFields addUsage advance answeredNonces attachmentFields capacityFor changedFields chatId chatIdOf claimableAt
    clockTime commandForm commandHint describe draftFields endSchedule entryFields err excerpt excerptAround excerptWithLength failureFields fetchedFields
    gatewayOf inTurn inboxMessageFields installHint isAbout isFound isLeftOut isLocalChat isNewEnough isPaid isSettled isTimeZone
    localChatId makePromise makeSchedule makeTurnDraft messageId messageIdOf modelNameOf modelReferenceProblem namedChat namedMessage nativeId
    normaliseUsername ok operatorOnly outdatedChats pingText plainToolName present promiseCommandHelp
    promiseCommandWords promiseFields promiseId readModelReference readPastTime pastTimeForms readSpan readTime readTimeOfDay repliedFields requesterFields
    requireNode responseFields retryPolicy revisedStep roomOf saidIn scheduleFields scheduleId senderFields
    stepFields stepWithout summarise textOfParts threadOf timeForms timesAhead transition turnFields turnId
    turnSettings useCommandForm userId userIdOf usernameKey verdictFields wholeNumber withinShares withoutNumbers wordQuery wordsOf
    workerSettings
    PlacedEntry Summary isSameSummary summaryFields
    Leg Provenance Shown ShownSteps TrustLabel joined labelsInWords makeShown provenanceFields provenanceFromText provenanceToText
    Fact FactId FactPlace Link MAX_LINKS_PER_TENANT SaidBy factFields factId isSeenFrom linkFields linksOf readLink saidByFields wordsOfLink
  `),
  ports: words(`
    ClaimedRequest KeptAnswer RequestClaim RequestKeys
    Webhooks WebhooksReport
    PostedEvent WebhookFailure WebhookReceiver WebhookStats WebhookStore
    ExportedRecord ForgetElsewhere ForgetPerson ForgetPreview ForgottenPerson PersonalCounts PersonalData PersonalFiles PersonalSurvey
    BackupDraft BackupShelf Backups Belongings DatabaseBackups OpenedBackup RestoredBackup SealedValue Sealer TakenDatabase VerifiedBackup
    AlertChannel AlertStore Alerts AlertsReport DeadManSwitch ListedAlert ListedDelivery ListedRule RuleState SilenceRefusal TestedChannel Correlation Finding HealthProbe WorkName WorkRef WorkScope noCorrelation
    EndedScope ObservedCorrelation Content ContentListener ContentSink ModelContent NoReply ToolContent noContent
    ProbeDepth
    AgentReport CheckReadiness CheckSystem ReportSystem ServiceReport ServiceStatus SystemReport
    ListProcesses LogQuery LogTail ProcessRegister ProcessesReport ReadLogTail ReportSeries ReportStats SeriesQuery SeriesReport SketchStore StatsQuery StatsReport StoredMeasurements
    ApprovePairing DecidePairingRefusal ListPairings PairingFilter PairingStore RevokePairing
    BeginCall CallEnd Ledger PaidCall PaidRequest ReportUsage Reserved Spending SpentInStep UsageQuery UsageReport UsageReportQuery
    ApprovalFilter ApprovalStore Approvals ApprovalsQuery DecideApproval DecideOptions DecideRefusal DecidedBy GetApproval ListApprovals
    ListStandingApprovals RevokeStandingApproval StandingFilter StandingQuery
    DraftFact DraftForgetting DraftLink RecallFacts SearchLinks
    DataProperty DataSource DatabaseDescription DatabaseEntry DatabasePage EntriesPage EntriesQuery EntriesSort WEB_AGES WebAge WebQuery WebResult WebSearch WorkspaceDatabase
    ChangesSince CodingAgent CodingDenial CodingHooks CodingLimits CodingResult CodingRun DirectoryLocks WorkspaceChanges WorkspacePlaces
    Journal JournalEntries OutdatedRunError RunJournal RunRecord
    Asked CalendarRefusal ButtonTap CancelPromise CardStore CancelSchedule ChangeFeed ChatEvent AccessIn AccessTold ChatsPage ConversationItem ConversationPage ConversationPlace Desk DeskTopic KnownChat ListChats ListPeople ListedChat NamedHere PagePromises PeopleHere PromiseDetail PromisesPage PromisesPageQuery ReadConversation TellAccess TellPromise WatchDesk WorkspaceHere ChatGateway ChatMoves ClaimRequest Clock
    CommandPromise CommandPromiseRefusal ConversationStore CountPromises CronCalendar DEFAULT_TOOL_TIMEOUT_MS
    DraftCancellation DraftPromise DraftSchedule DraftScheduleEnd EndScheduleRefusal EndedRun Engine EngineNotices
    Events ExecuteOptions FetchOptions FileBytes FileQuery FileText FindWorkspace Found GatewayInlet GatewayLimits GetPromise GetSteps
    GetSchedule GetVerdict GrowingAnswer HealthSummary HttpApi HttpRefusal KeyValueState LanguageModel LeaderLease ListInbox
    LeaseHolder ListPromises ListSchedules Listing LocalTranscript LogFields Logger Metrics MetricsText MAX_CALLS_LENGTH MAX_CALLS_READ
    MAX_REPLY_LENGTH MadePromise MakePromise MakePromiseRefusal MakeSchedule MakeScheduleRefusal MessageStore NewestMessagesQuery
    ModelEvent ModelRefusal ModelReply ModelRequest ModelServerNotices MovedChat Notice OutboxStore OutgoingMessage
    PortError PortErrorCode ProcessGroups PromiseDeadlines PromiseDelivery PromiseExecutor PromiseFilter PromiseOrigin
    PromiseQueries PromiseQueue PromiseRequest PromiseRetention PromiseStore PromiseStores PromisesQuery PurgePromises
    PurgeRequest Queries Randomness ReadMessage Redact redactedJson RetryPromise Revision ScheduleRequest ScheduleStore
    Said SchedulesQuery SdkErrors SearchHistory SearchResult SelfPingChannel Storage Stores TaskRefusal TaskRequest Tool ToolContext
    ToolEffect ToolOutcome ToolSource ToolSpec TranscriptMessage TurnRequest TurnStore UnitOfWork UsernamePins
    WorkResult WorkspaceFiles asStorageFailure declinedFor engineNoticesOf httpFailure isConnectionFailure isNotBegun isPortError
    modelRefusalCode modelServerNoticesOf noticesOf TracesNotices tracesNoticesOf reasonFor reasonOf sdkFailure silentEngineNotices silentEvents
    silentLogger silentNotice toolSource withUsage
    SummaryStore
    AuditLog AuditVerdict FactStore LinkStore ReadAuditLog VerifyAuditLog
  `),
  testing: words(`
    ledgerContract
    approvalStoreContract buildApproval
    CodingAgentUnderTest CodingStep codingAgentContract
    buildRun journalContract
    BestEffort Contract Edit ExecutorUnderTest FilesTrial FixedClock GROUP GatewayTrial LeaderLeaseSubject LogLine
    MessageOverrides ModelFailure ModelUnderTest Opened RecordingEvents RecordingGateway START ScriptedModel
    ScriptedStep SendFailure SentMessage ShownMessage TestRunner ToolUnderTest buildDraft buildEntry buildInlet
    buildMessage buildOutboxDraft buildPolicy buildPromise buildRecord buildSchedule buildTool buildTurn
    buildWorkspace carryOut changeFeedContract chatGatewayContract chatMovesContract conversationStoreContract
    countWinners cronCalendarContract engineContract keyValueStateContract languageModelContract leaderLeaseContract
    localMessage localTranscriptContract makeFixedClock makeRecordingEvents makeRecordingGateway makeRecordingLogger
    makeScriptedModel makeSeededRandomness messageStoreContract numberIn outboxStoreContract pairingStoreContract portFailure promiseAfter
    promiseExecutorContract promiseQueueContract promiseStoreContract runContract scheduleStoreContract
    buildMeasurements buildProcess processRegisterContract sketchStoreContract sketchesOf alertStoreContract buildWebhookDraft requestKeysContract webhookStoreContract storageContracts telegramChat telegramMessage telegramUser toolContract turnStoreContract undelivered
    unitOfWorkContract usernamePinsContract workResult workspaceFilesContract
    summaryStoreContract
    provenanceContract auditLogContract buildAuditFact buildFact buildLink factStoreContract linkStoreContract
  `),
};
