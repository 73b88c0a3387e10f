/** What kind of screen this is, as signals. */
import { signal } from '@preact/signals';

/** Room for comments beside the video. */
const wideQuery = matchMedia('(min-width: 1100px) and (min-height: 501px)');

export const wide = signal(wideQuery.matches);
wideQuery.addEventListener('change', () => {
  wide.value = wideQuery.matches;
});
