import { makeMemoryChangeFeed, makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { changeFeedContract } from '../../../src/testing/index.ts';
import { certify, certifyStorage } from '../../support/contract.ts';

certifyStorage('memory', () => ({ subject: makeMemoryStorage(), close: () => undefined }));
certify('ChangeFeed: memory', changeFeedContract, () => ({ subject: makeMemoryChangeFeed(), close: () => undefined }));
