/** The frame around all pages, and the pages that lead nowhere. */
export const app = {
  home: 'reelwire, home',
  skip: 'Skip to content',
  starting: 'Starting',
  offline: 'You are offline',
  unreachable: 'Can’t reach the server',
  goesOn: 'This page will load by itself as soon as there’s a connection.',
  tryNow: 'Try now',
  newVersion: { text: 'A new version is available.', reload: 'Reload' },
  lost: {
    title: 'Not found',
    nothing: 'There’s nothing here',
    why: 'The link may be old, or the address has a typo.',
    goHome: 'Go home',
  },
};
