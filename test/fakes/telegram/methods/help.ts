import type { OpenMethod, Service } from './call.ts';

const HOUR = 3600;

const config = (service: Service) => ({
  _: 'config',
  date: service.world.state.now(),
  expires: service.world.state.now() + HOUR,
  testMode: false,
  thisDc: service.dcId,
  dcOptions: service.dataCentres().map(({ id, host, port }) => ({
    _: 'dcOption',
    static: true,
    thisPortOnly: true,
    ipv6: host.includes(':'),
    id,
    ipAddress: host,
    port,
  })),
  dcTxtDomainName: '',
  chatSizeMax: 200,
  megagroupSizeMax: 200_000,
  forwardedCountMax: 100,
  onlineUpdatePeriodMs: 210_000,
  offlineBlurTimeoutMs: 5000,
  offlineIdleTimeoutMs: 30_000,
  onlineCloudTimeoutMs: 300_000,
  notifyCloudDelayMs: 30_000,
  notifyDefaultDelayMs: 1500,
  pushChatPeriodMs: 60_000,
  pushChatLimit: 2,
  editTimeLimit: 172_800,
  revokeTimeLimit: 0x7fffffff,
  revokePmTimeLimit: 0x7fffffff,
  ratingEDecay: 2_419_200,
  stickersRecentLimit: 200,
  channelsReadMediaPeriod: 604_800,
  callReceiveTimeoutMs: 20_000,
  callRingTimeoutMs: 90_000,
  callConnectTimeoutMs: 30_000,
  callPacketTimeoutMs: 10_000,
  meUrlPrefix: 'https://t.me/',
  captionLengthMax: 1024,
  messageLengthMax: 4096,
  webfileDcId: service.dcId,
});

export const HELP_METHODS: Readonly<Record<string, OpenMethod>> = {
  'help.getConfig': ({ service }) => config(service),
  'help.getNearestDc': ({ service }) => ({ _: 'nearestDc', country: 'NL', thisDc: service.dcId, nearestDc: service.dcId }),
  'help.getCdnConfig': () => ({ _: 'cdnConfig', publicKeys: [] }),
  'help.getAppConfig': () => ({ _: 'help.appConfig', hash: 1, config: { _: 'jsonObject', value: [] } }),
};
