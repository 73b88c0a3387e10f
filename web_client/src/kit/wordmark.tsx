/** The name, as it is written. */
import { words } from '../words/words';
import './wordmark.css';

export function Wordmark() {
  return (
    <a class="wordmark" href="/" aria-label={words.value.app.home}>
      reel<i>wire</i>
    </a>
  );
}
