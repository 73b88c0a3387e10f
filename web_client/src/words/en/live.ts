/** The connection. */
export const live = {
  offline: 'You are offline',
  away: 'Connecting…',
  back: 'Back online',
};
