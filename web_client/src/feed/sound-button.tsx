/** Sound on and off; at first it says for a moment what a tap does. */
import { Icon } from '../kit/icon';
import { fresh } from './following';
import { muted, soundHint, toggleSound } from '../playback/sound';

export function SoundButton() {
  const off = muted.value;
  return (
    <button
      class="sound"
      aria-pressed={!off}
      aria-label={off ? 'Turn sound on' : 'Turn sound off'}
      onClick={toggleSound}
    >
      <Icon name={off ? 'silent' : 'sound'} />
      {off && soundHint.value && fresh.value.length === 0 && (
        <span onAnimationEnd={() => (soundHint.value = false)}>Turn sound on</span>
      )}
    </button>
  );
}
