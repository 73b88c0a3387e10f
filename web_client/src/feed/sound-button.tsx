/** Sound on and off; at first it says for a moment what a tap does. */
import { Icon } from '../kit/icon';
import { words } from '../words/words';
import { fresh } from './following';
import { muted, soundHint, toggleSound } from '../playback/sound';

export function SoundButton() {
  const off = muted.value;
  const says = words.value.feed;
  return (
    <button class="sound" aria-label={off ? says.soundOn : says.soundOff} onClick={toggleSound}>
      <Icon name={off ? 'silent' : 'sound'} />
      {off && soundHint.value && fresh.value.length === 0 && (
        <span onAnimationEnd={() => (soundHint.value = false)}>{says.soundOn}</span>
      )}
    </button>
  );
}
