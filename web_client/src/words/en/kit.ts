/** Controls that are the same everywhere. */
export const kit = {
  back: 'Back',
  close: 'Close',
  dismiss: 'Dismiss',
  tryAgain: 'Try again',
  failed: 'That did not work',
  password: { label: 'Show the password', show: 'Show', hide: 'Hide' },
};
