/** What one can do about a clip of somebody else: want nothing like it, report it, block its author. */
export const moderation = {
  title: 'This video',
  notInterested: 'Not interested',
  notInterestedWhy: 'Less like this in For you',
  notInterestedDone: 'You will see less like this',
  report: 'Report',
  reportWhy: 'Tell us what is wrong with it',
  block: (name: string) => `Block @${name}`,
  blockWhy: 'Neither sees the other any more',
  copyLink: 'Copy link',
  undo: 'Undo',

  toChoose: 'to choose what is suggested',
  toReport: 'to report videos',
  toBlock: 'to block people',

  reportTitle: 'Report this video',
  reasonLegend: 'What is wrong?',
  reasons: {
    spam: 'Spam or fraud',
    violence: 'Violence or danger',
    sexual: 'Nudity or sex',
    hate: 'Hate',
    harassment: 'Bullying or harassment',
    copyright: 'It is somebody else’s work',
    other: 'Something else',
  },
  detail: 'In your own words (optional)',
  sendReport: 'Send report',
  pickReason: 'Pick what is wrong first.',
  thanks: 'Thank you',
  thanksWords: (name: string) =>
    `Somebody will look at it. @${name} does not learn who reported it.`,
  alsoBlock: (name: string) => `Block @${name} as well`,
  done: 'Done',
};
