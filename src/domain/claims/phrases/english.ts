import type { DeedPhrases } from '../deed-phrases.ts';

const ADVERBS =
  '(?:now|just|already|also|successfully|then|since|quickly|finally|indeed|both|all|further|recently|immediately|gone ahead and|went ahead and|been able to|even|safely|once more|again)';
const I = "(?:i|we)(?:'ve| have)?";
const LOOKED =
  '(?:searched|looked|checked|browsed|googled|found|went|gone|queried|consulted|reviewed|did|done|ran|run|seen|saw|read|scanned|pulled|fetched|got|retrieved|opened|verified|explored|discovered|combed|dug|skimmed)';
const WEB = '(?:the )?(?:web|internet|google|bing|net)';
const NOTION = "(?:(?:the|your|our|my|this|that|its) (?:[a-z'-]+ )?)?notion";
const CODE = '(?:project|codebase|code base|repo|repository|source code|source tree|project files|workspace|directory|folders?|files)';

export const ENGLISH: DeedPhrases = {
  signs: "i|we|i've|we've|been|was|were|is|are|it's|they're|just|already|successfully|quickly|my|our|search|notion|has|have",
  verbs: {
    send: "sent|e-?mailed|messaged|notified|informed|forwarded|posted|published|tweeted|texted|dm'd|pinged|alerted|invited|submitted|announced|contacted|reached out to|replied to (?!you|that|this)[a-z]+|(?:asked|told) (?!you|me|myself|us|ourselves|that|about)(?:[a-z]+ ){1,2}(?=to |that |about )(?:to|that|about)|passed (?:[a-z']+ ){1,5}on to|let (?!us|me|you)(?:[a-z']+ ){1,3}know|(?:called|phoned|rang) (?:him|her|them|(?:the|your) (?:restaurant|doctor|customer|client|office|shop|store|hotel|bank|school|company|number))|escalated|dropped (?:[a-z]+ ){1,2}a (?:line|note|message)|asked (?:the|your|our) [a-z]+ in|signed (?:you|him|her|them|us) up|registered (?:you|him|her|them|us)|requested (?:access|approval|a (?:refund|quote|copy|review|call))",
    send_create_change: 'uploaded|(?:written|wrote) to|left (?:an?|my|the) (?:[a-z]+ )?(?:comment|note|review|message|reply)',
    send_create_change_delete_save_schedule_approve_pay_run_delegate:
      'taken care of (?:it|this|that|everything|the)|took care of (?:it|this|that|everything|the)|(?:done|did) (?:as|what) you (?:asked|said|wanted|requested)|done (?:it|that|this|so)(?=[.,!]| (?:now|for you|already|and))',
    create: 'filed (?:an?|the|your|this|that)|made (?:an?|two|three|several) (?:copy|copies|backups?)',
    change:
      'transitioned|banned|pinned|unpinned|bumped|taken (?:[a-z]+ ){1,2}off|took (?:[a-z]+ ){1,2}off|(?:un)?subscribed|turned (?:[a-z]+ ){0,3}(?:on|off)|g(?:a|i)ven? (?:[a-z]+ ){1,3}access|archived|pushed|muted|unmuted|unsubscribed|reassigned|renamed|committed(?! to (?!the|main|master|your))',
    change_approve: 'merged',
    delete: 'deleted|cancell?ed|revoked|uninstalled|purged|wiped',
    save: "bookmarked|memori[sz]ed|(?<=ve )noted (?:that )?your?|made (?:a|myself a) (?:mental )?note of|noted (?:[a-z']+ ){0,8}(?:down|for (?:next time|later|the future|future reference))|(?:saved|stored|added|put|recorded|kept) (?:[a-z']+ ){1,8}(?:to|in|into) (?:my |our |the |long-term )*(?:memory|memories)",
    schedule_pay: 'scheduled|rescheduled|booked|reserved',
    pay: 'topped up|reimbursed|checked (?:you|him|her|them) in|paid(?! attention| close| heed| off)|transferred|wired|refunded|purchased|bought|charged|donated|renewed|(?:placed|made) (?:the|an|your|this|that) (?:order|payment|purchase|transfer|deposit|donation)|issued (?:the|a|your) (?:full )?refund|ordered(?! by| list| the (?:list|items|points|steps|results|entries|words)| (?:it|them) (?:by|from))',
    run: 'deployed|redeployed|restarted|rebooted|installed|backed up|rebuilt|benchmarked|started (?:the|a|your) (?:download|upload|export|import|backup|timer)|rolled (?:[a-z]+ ){0,3}back|compiled (?:it|the (?:project|code|app))|(?:ran|(?<=(?:ve|have|has|been) (?:[a-z]+ ){0,3})run|re-?ran|executed|launched|started|triggered|kicked off|performed) (?:all (?:of )?)?(?:the|your|our|a|an|every|both|these|those|some) (?:[a-z0-9-]+ ){0,3}(?:tests?|suite|build|builds|script|scripts|migrations?|benchmarks?|linter|pipeline|job|jobs|server|service|command|commands|checks|backup|deployment)|(?:ran|executed) (?:it|tests|them)(?= (?:and|locally|again|against|on)|$|[.,!:])|tested (?:it|this|that|the (?:code|script|fix|change|changes|function|endpoint|app|build|page|site|form))',
    delegate: 'delegated|handed (?:it|this|that|the [a-z]+) (?:over|off)',
  },
  weakVerbs: {
    create_run_files: 'downloaded',
    create: 'created|exported|built|opened|launched|drafted|duplicated|cloned|copied',
    create_change: 'made|added|written|wrote|inserted|entered|put|logged|registered|attached|raised|recorded|linked|appended|set up',
    change:
      'updated|changed|edited|modified|moved|assigned|closed|reopened|marked|set|switched|adjusted|fixed|resolved|completed|replaced|reset|tagged|labell?ed|enabled|disabled|turned (?:on|off)|locked|unlocked|converted|synced|configured|reconfigured|rotated|pinned|granted|promoted|issued|activated|deactivated|extended|corrected|upgraded|turned|renumbered|blocked|unblocked|increased|decreased|lowered|raised|overwritten|overwrote|restored',
    change_delete: 'removed|cleared|dropped|taken down|took down|unassigned|closed',
    save: 'saved|stored|remembered',
    send: 'shared|reported|delivered',
    pay: 'processed|placed',
    run: 'started|(?<=been (?:[a-z]+ )?)run|executed',
    approve: 'approved|rejected|denied|declined|accepted|authori[sz]ed|signed|confirmed',
  },
  doer: `(?:^|[^a-z0-9'])${I}(?: ${ADVERBS}){0,4} `,
  passive: `(?:has|have|'ve|'s) (?:${ADVERBS} ){0,3}been (?:${ADVERBS} ){0,3}|(?:was|were) (?:${ADVERBS} ){0,3}|(?:has|have) (?:${ADVERBS} ){0,3}gotten `,
  state: `(?:is|are|'s|'re) (?:${ADVERBS} ){0,3}`,
  yours: 'your|yours',
  indefinite: 'an?|any|each|every|some|most|such|when|where',
  now: 'now|already|successfully|all set',
  adverbs: ADVERBS,
  and: '(?:,|;|and|&|then|plus)',
  shortly: '(?:(?:ok|okay|done|sure|great|yes|all done|alright|got it)[,.:!]* )?(?:just|already|quickly|successfully)',
  things:
    'tickets?|issues?|tasks?|bug reports?|bugs?|entry|entries|rows?|records?|pages?|databases?|spreadsheets?|sheets?|documents?|docs?|files?|folders?|director(?:y|ies)|repos?|repositor(?:y|ies)|branch(?:es)?|prs?|pull requests?|merge requests?|commits?|releases?|tags?|channels?|groups?|events?|meetings?|appointments?|calendars?|agenda|invites?|invitations?|reminders?|alarms?|timers?|accounts?|users?|members?|profiles?|permissions?|roles?|access|passwords?|keys?|tokens?|secrets?|settings?|configs?|configuration|servers?|services?|instances?|containers?|subscriptions?|plan(?= *[.!]|$)|orders?|bookings?|reservations?|invoices?|payments?|expenses?|contacts?|customers?|leads?|deals?|cases?|boards?|cards?|projects?|workspaces?|labels?|status(?:es)?|deadlines?|due dates?|priority|assignees?|owners?|mailing lists?|distribution lists?|shopping lists?|to-?do lists?|webhooks?|jobs?|pipelines?|workflows?|sites?|websites?|blogs?|posts?|playlists?|albums?|notes?|links?|bookmarks?|photos?|pictures?|images?|attachments?|uploads?|limits?|balance|notifications|authentication|2fa|notion|jira|github|gitlab|slack|linear|trello|crm|drive|dropbox|backlog|archive|memory|wiki|dns|domains?|certificates?|environments?|clusters?|deployments?|requests?|applications?|leave|contracts?|transactions?|purchases?|refunds?|backups?|duplicate|hours|changes|tests?|staging|production|[a-z0-9_-]+\\.(?:md|txt|ts|js|py|json|ya?ml|csv|pdf|docx?|xlsx?|html?|sql|sh|toml|go|rs|java)|#[a-z][a-z0-9_-]*|[a-z]{2,6}-\\d+',
  ideas:
    'sentences?|paragraphs?|words?|words|wordings?|commas?|phrases?|texts?|sections?|bullets?|bullet points?|points?|typos?|spelling|grammar|code|functions?|class(?:es)?|variables?|examples?|steps?|lists?|tables?|formulas?|equations?|quer(?:y|ies)|translations?|summar(?:y|ies)|drafts?|answers?|repl(?:y|ies)|responses?|outlines?|plans?|structures?|templates?|versions?|overviews?|comparisons?|explanations?|titles?|headings?|tone|style|numbers|calculations?|format|scripts?|snippets?|poems?|stor(?:y|ies)|jokes?|recipes?|itinerar(?:y|ies)|diagrams?|assumptions?|mistakes?|errors?|distinctions?|decisions?|suggestions?|proposals?|arguments?|terms?|factors?|mind|schedules? below|comments?|descriptions?|ideas?|names?|topics?|schemas?|timelines?',
  pronouns: '(?:it|them|this|that|these|those|everything|both|all|him|her)(?! as an? )',
  prepositions: 'to|in|into|on|onto|from|with|for|of|about|at|under|by|as|so|and|but|because|which|that|below|above|here|using|based',
  places: 'to|in|into|on|onto|from|under|out of|off',
  inAnswer: 'below|above|here (?:is|are)|as follows|in this (?:answer|message|reply)|right here',
  isOut:
    '(?:(?:your|the) )?(?:e-?mail|mail|message|invitation|invite|letter|package)s? (?:is|are) (?:now )?(?:on (?:its|their) way|out(?= to|$|[.!]| now))|(?:newsletter|e-?mails?|mails?|messages?|invitations?|invites?) (?:went|has gone|have gone) out|payment (?:went|has gone) through',
  unless:
    "after (?:[a-z'-]+ ){1,5}(?:was|were|is|are|has been|have been)|(?:which|that|what) (?:it|they|he|she|you|we)|(?:what|whatever|which|that|who|where|whose [a-z]+) (?:was|were|is|are|has been|have been|had been)|if|when|whenever|once|unless|until|whether|before|please (?:check|confirm|make|note|verify|ensure)|make sure|ensure|verify that|confirm that|check that|assum[a-z]+|as though|suppose|imagine|(?:says?|said|saying|claims?|claimed|writes?|wrote|reports?|reported|states?|stated|shows?|notes?|mentions?|mentioned|told (?:me|us|you)) (?:that|in)|(?:it |this |that )?(?:seems|looks like|appears)|apparently|probably|maybe|perhaps|possibly|likely|i (?:understand|see|know|read|believe|think|guess|assume)|you could (?:say|write)|as if|had i|wish|pretend(?:ed)?|according to(?! my)",
  denial:
    "not|never|no|nothing|none|nobody|without|nor|neither|hardly|[a-z]+n't|cannot|unable|failed|may|might|would|could|should|will|must",
  byOthers:
    'twice|several times|by(?! (?:e-?mail|mail|post|sms|text|message|accident|mistake|default|hand|you)(?![a-z]))|yesterday|last (?:week|month|year|night|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|[a-z0-9]+ (?:days?|weeks?|months?|years?|hours?|minutes?) ago|(?:in|since|until) (?:january|february|march|april|may|june|july|august|september|october|november|december|\\d{4}|version|v\\d)|on (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|\\d{1,2} [a-z]+|[a-z]+ \\d{1,2})|\\d{4}(?![\\d-])|when|if|because|to (?:support|allow|make|prevent|avoid|handle|use)|for (?:the first time|performance|clarity|years)|as the (?:tool|article|page|log|entry|report)|according to',
  retold:
    'yesterday|earlier|already|previously|before|last (?:week|month|year|night|time|monday|tuesday|wednesday|thursday|friday)|[a-z0-9]+ (?:days?|weeks?|hours?|minutes?) ago|this morning|at (?:noon|that time)|as (?:i )?(?:said|mentioned|told|promised)|on (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|(?:that|which) i|back then|the one i',
  asksWhether: "(?:did|didn't|have|haven't|has|hasn't|was|were|is|are) ",
  looks: {
    web: [
      `${I} (?:${ADVERBS} )*${LOOKED} …(?:on|in|through|via|from|across|over|searching|search|up on|with)? ?${WEB}(?! (?:page|site|app|server|search engine|form|client|version|interface|link|address)s?(?! search))`,
      `${I} (?:${ADVERBS} )*(?:searched|looked|had a (?:quick )?look|checked|verified|found|read) …online(?=$|[.,;:!)]| and| but| to | for | that | before)`,
      `${I} (?:${ADVERBS} )*(?:googled|web-searched|browsed)`,
      `${I} (?:${ADVERBS} )*(?:opened|visited|fetched|accessed|clicked|loaded|followed|browsed|pulled up) …(?:page|site|website|link|url|article)s?`,
      `${I} (?:${ADVERBS} )*(?:read|checked|looked(?: at)?|had a (?:quick )?look(?: at)?|verified|reviewed|went through|gone through) …(?:on |at )?(?:the |their |its |your |his |her )?(?:[a-z]+ ){0,2}(?:website|site|url|web ?page|link)s?(?! (?:between|that you pasted))`,
      `${I} (?:${ADVERBS} )*(?:did|done|ran|run|made|performed|conducted) …(?:web|google|internet|online|bing) search`,
      '(?:according to|based on|from|in|per) (?:my|our) (?:[a-z]+ )?(?:web |online |internet |google )?(?:search|research)',
      '(?:according to|from|per) (?:the|these) (?:web )?search results',
      'my (?:web |online |internet |google )?(?:search|research) (?:on the (?:web|internet) )(?:shows|turned|found|brought|returned)',
      `(?:on the (?:web|internet)|online),? ${I} (?:${ADVERBS} )*(?:found|saw|read)`,
      '(?:quick |brief )(?:look|check) (?:online|on the web|at the web) (?:shows|showed|says|tells|confirms)',
      `${I} (?:${ADVERBS} )*(?:looked at|checked|opened) the (?:web ?)?(?:page|site)`,
      'my (?:web |online |internet |google )(?:search|research) (?:shows|showed|found|turned|brought|says|returned|revealed|did|confirms|confirmed)',
      '(?:after|by) (?:searching|googling|checking|browsing|looking) …(?:web|internet|online|google)',
      '(?:a|the) (?:quick |brief )?(?:web|google|online|internet) search (?:shows|showed|found|turned up|brought|returned|revealed|confirms|confirmed)',
    ],
    data: [
      `${I} (?:${ADVERBS} )*(?:${LOOKED}|had a look) …(?:at |in |into |through |up )*(?:(?:your|our|the|his|her|their) )(?:[a-z]+ )?(?:calendar|inbox|mailbox|e-?mails|database|crm|jira|tracker|schedule|mail|account|bank account|order history)(?! (?:design|schema|model|below|above))`,
      `${I} (?:${ADVERBS} )*queried (?:the|your|our)`,
    ],
    notion: [
      'i (?:can )?(?:see|saw) (?:that )?in (?:the |your )?notion',
      `${I} (?:${ADVERBS} )*${LOOKED} …(?:through |in |on |at |up |from |over |across )*${NOTION}`,
      `(?:in|on|from) ${NOTION}(?: database| workspace| page)?,? (?:${I}|there (?:is|are)|it says)`,
      `(?:according to|as per|per|based on) ${NOTION}`,
      `${NOTION} (?:database |page |board |workspace )?(?:says|shows|lists|contains|has|confirms) (?:that|the|two|three|four|five|no|only|\\d|an? )`,
      `(?:after|by) (?:searching|checking|querying|reviewing|going through|looking …through) …${NOTION}`,
    ],
    files: [
      `${I} (?:${ADVERBS} )*(?:searched|scanned|grepped|explored|combed|looked|went|gone|dug|checked|read|reviewed) …(?:through |in |at |into |across )*(?:the|your|our|all|every|this|that|both|its|entire|whole) (?:[a-z]+ ){0,2}${CODE}`,
      `having (?:searched|scanned|read|gone through) …${CODE}`,
      `(?:after|by) (?:searching|scanning|checking|reading|exploring|reviewing|going through|looking through) …${CODE}`,
    ],
  },
  notDone: 'I have not done this: no tool of mine did it.',
  notAllDone: 'Not all of this was done: for a part of it no tool of mine ran.',
  notLooked: 'I have not looked this up.',
};
