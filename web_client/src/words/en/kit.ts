/** Controls that are the same everywhere. */
export const kit = {
  back: 'Back',
  close: 'Close',
  dismiss: 'Dismiss',
  tryAgain: 'Try again',
  failed: 'That didn’t work',
  /** Of what may be typed. */
  left: (n: number) => `${n} ${n === 1 ? 'character' : 'characters'} left`,
  password: {
    show: 'Show',
    showIt: 'Show the password',
    hide: 'Hide',
    hideIt: 'Hide the password',
  },
  link: {
    copied: 'Link copied',
    copyThis: (url: string) => `Copy this link: ${url}`,
  },
};
