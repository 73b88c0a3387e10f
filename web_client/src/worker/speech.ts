/** What a page and the service worker say to each other. */

export type Asking =
  /** Do not wait until the old pages are gone. */
  | { ask: 'take-over' }
  /** Is this file of your build? Answered by a boolean through the port that comes along. */
  | { ask: 'is-yours'; asset: string };
