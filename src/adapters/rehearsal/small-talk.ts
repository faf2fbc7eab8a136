/** What is said to anybody, and asks for no work. */
export type Topic = 'hello' | 'nod' | 'thanks' | 'bye' | 'time' | 'word' | 'who' | 'model';

const TOPICS: readonly (readonly [Topic, RegExp])[] = [
  [
    'hello',
    /^(?:(?:hi|hello|hey|hiya|yo|howdy|hallo|hola|salut|ciao|moin|greetings|welcome|good (?:morning|afternoon|evening|day))(?: there| again| kept| everyone| all| bot| world)*|how are you(?: doing)?(?: today)?|how(?:'s| is) it going|what(?:'s| is) up|sup|hello there|test|testing|start|are you (?:there|here|awake|alive|up)|anybody there|is (?:anybody|anyone|somebody|someone) (?:there|here))$/,
  ],
  [
    'nod',
    /^(?:ok|okay|cool|great|nice|wow|yes|yeah|yep|no|nope|sure|fine|good|alright|all right|sorry|hm+|oh|aha|lol|haha|got it|i see|never ?mind|understood)(?: (?:ok|okay|cool|great|nice|yes|no|then|good|thanks?|thx|to know))*$/,
  ],
  [
    'thanks',
    /^(?:(?:many )?thanks|thank you|thx|ty|cheers|danke|merci|gracias|perfect|awesome|well done|good job|good bot)(?: a lot| so much| very much| kept| you)*$/,
  ],
  [
    'bye',
    /^(?:(?:good ?)?bye(?:[ -]bye)?|see you(?: later| soon| tomorrow)?|see ya|good ?night|cu|ciao ciao|quit|exit|farewell|that(?:'s| is) all)(?: kept)?$/,
  ],
  [
    'time',
    /^(?:what(?:'s| is)? (?:the )?(?:current )?(?:time|date|day|time zone|timezone)(?: is it| is it now| now| today)?|what (?:time|day|date) is (?:it|today)(?: now| today)?|do you know (?:what time it is|the time))$/,
  ],
  [
    'word',
    /^(?:how (?:does|do|can|will) (?:kept|you|it) (?:keep|hold) (?:its|your|a|the)? ?(?:word|promises?)|what (?:is|are|does) (?:kept|this|a promise|promises)(?: for| about| do| good for)?|what do you do|how (?:does|do) (?:this|it|kept|you|promises) work|what happens (?:if|when) (?:you|kept|it|i) .{1,60}|why (?:kept|should i use (?:kept|this|you))|tell me about (?:kept|yourself|promises)|what(?:'s| is) the (?:point|trick)|show me (?:the|a) trick)$/,
  ],
  [
    'who',
    /^(?:who|what) (?:are|r) (?:you|u)$|^who (?:made|built|wrote|created|develops?|trained|owns|runs) (?:you|kept|this)$|^where (?:are|do) you (?:come )?from$|^(?:are|r) (?:you|u) (?:an? )?(?:ai|human|bot|robot|real|llm|person|gpt|chatgpt|claude|language model)$|^what(?:'s| is) your name$|^introduce yourself$|^(?:which|what) (?:model|ai|llm) (?:are you|is this|do you use|answers)$/,
  ],
  [
    'model',
    /^(?:how (?:do|can|would) (?:i|we|you) (?:come to|get|use|set ?up|connect|switch to|change|configure|add) (?:to )?(?:an? |the |my )?(?:real |other |different |language )*(?:model|ai|llm|(?:api )?key|openai|anthropic|claude|chatgpt|gpt|ollama)|(?:use|switch to|i want) (?:an? )?(?:real |other )?(?:model|ai|claude|gpt|openai|ollama))$/,
  ],
];

/** Longer texts ask for something. */
const MAX_LENGTH = 120;

/** The topic of a greeting, a thank-you or a question about Kept itself; undefined where it is none. */
export const smallTalk = (text: string): Topic | undefined => {
  if (text.length > MAX_LENGTH) return undefined;
  const words = text
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/[!?.,;:)(👋🙂😀-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(
      /^(?:(?:hi|hello|hey|so|and|please|kept|ok|okay|can you tell me) )+(?=(?:how|what|who|which|are|thanks|thank|bye|good|why|tell) ?)/,
      '',
    )
    .replace(/ please$/, '');
  return TOPICS.find(([, pattern]) => pattern.test(words))?.[0];
};
