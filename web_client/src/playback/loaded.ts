/** How much of its video a <video> element has loaded. */

/** Of the end, that browsers do not count as loaded; seconds. */
const SLACK = 0.3;

/** The last second that is loaded. */
export function loadedUntil({ buffered }: HTMLMediaElement): number {
  return buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
}

/** Nothing is missing, from the beginning to the end. */
export function wholeLoaded({ buffered, duration }: HTMLMediaElement): boolean {
  return buffered.length === 1 && buffered.end(0) > duration - SLACK;
}

/** Are the seconds from this moment on loaded, as far as the video goes? */
export function holds(
  { buffered, duration }: HTMLMediaElement,
  moment: number,
  seconds: number,
): boolean {
  const until = Math.min(moment + seconds, duration - SLACK);
  for (let at = 0; at < buffered.length; at++) {
    if (buffered.start(at) <= moment && buffered.end(at) >= until) return true;
  }
  return false;
}
