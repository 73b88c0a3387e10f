/** The frame around all pages, and the pages that lead nowhere. */
export const app = {
  home: 'reelwire, home',
  skip: 'Skip to the page',
  starting: 'Starting',
  offline: 'You are offline',
  unreachable: 'The server cannot be reached',
  goesOn: 'It goes on by itself as soon as there is an answer.',
  tryNow: 'Try now',
  newVersion: { text: 'There is a new version.', reload: 'Reload' },
  lost: {
    title: 'Not found',
    nothing: 'There is nothing here',
    why: 'The link may be old, or the address has a slip of the pen.',
    goHome: 'Go home',
  },
};
