/** Controls that are the same everywhere. */
export const kit = {
  back: 'Back',
  close: 'Close',
  dismiss: 'Dismiss',
  tryAgain: 'Try again',
  failed: 'That didn’t work',
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
