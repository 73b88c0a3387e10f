/** Was man gegen einen fremden Clip tun kann: nichts Ähnliches wollen, melden, blockieren. */
import type { Words } from '../words';

export const moderation: Words['moderation'] = {
  title: 'Dieses Video',
  notInterested: 'Interessiert mich nicht',
  notInterestedWhy: 'Weniger davon in „Für dich“',
  notInterestedDone: 'Du siehst weniger davon',
  report: 'Melden',
  reportWhy: 'Sag uns, was daran nicht stimmt',
  block: (name) => `@${name} blockieren`,
  blockWhy: 'Ihr seht einander nicht mehr',
  copyLink: 'Link kopieren',
  undo: 'Rückgängig',

  toChoose: 'um Vorschläge zu steuern',
  toReport: 'um Videos zu melden',
  toBlock: 'um jemanden zu blockieren',

  reportTitle: 'Video melden',
  reasonLegend: 'Was stimmt nicht?',
  reasons: {
    spam: 'Spam oder Betrug',
    violence: 'Gewalt oder Gefahr',
    sexual: 'Nacktheit oder Sex',
    hate: 'Hassrede',
    harassment: 'Mobbing oder Belästigung',
    copyright: 'Es gehört jemand anderem',
    other: 'Etwas anderes',
  },
  detail: 'In deinen Worten (freiwillig)',
  sendReport: 'Meldung senden',
  pickReason: 'Wähl erst einen Grund.',
  thanks: 'Danke',
  thanksWords: (name) => `Wir sehen es uns an. @${name} erfährt nicht, wer es gemeldet hat.`,
  alsoBlock: (name) => `@${name} auch blockieren`,
  done: 'Fertig',
};
