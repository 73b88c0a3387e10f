/** The name, as it is written. */

export function Wordmark() {
  return (
    <a class="wordmark" href="/" aria-label="reelwire, home">
      reel<i>wire</i>
    </a>
  );
}
