/** The connection. */
export const live = {
  offline: 'You are offline. New videos will show up when you’re back.',
  away: 'Connecting…',
  back: 'Back online',
};
