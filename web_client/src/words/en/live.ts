/** The connection. */
export const live = {
  offline: 'You are offline. New videos come when you are back.',
  away: 'Connecting …',
  back: 'You are back',
};
