/** What one presses while recording: the big button, the timer, the camera's turn; and the microphone's level. */
import { useSignal } from '@preact/signals';
import { Icon } from '../kit/icon';
import { words } from '../words/words';
import type { Level } from './level';
import type { Recorder } from './recorder';

/** Seconds before it begins. */
const TIMERS = [0, 3, 10] as const;
const BARS = 5;

export function Controls({ recorder }: { recorder: Recorder }) {
  const says = words.value.record;
  const timer = useSignal(0);
  const { name } = recorder.stage.value;
  if (name === 'asking' || name === 'refused' || name === 'finishing') return null;
  const seconds = TIMERS[timer.value % TIMERS.length] ?? 0;
  const begun = name === 'recording' || name === 'paused';
  return (
    <div class="record-controls">
      <Microphone level={recorder.level} />
      <div class="record-row">
        {begun ? (
          <span class="record-round" aria-hidden="true" />
        ) : (
          <button
            class="record-round"
            aria-label={says.timer(seconds)}
            disabled={name === 'counting'}
            onClick={() => (timer.value += 1)}
          >
            <Icon name="timer" />
            {seconds > 0 && <b>{seconds}</b>}
          </button>
        )}
        <Shutter recorder={recorder} seconds={seconds} />
        {begun ? (
          <button
            class="record-round record-done"
            aria-label={says.done}
            onClick={() => recorder.finish()}
          >
            <Icon name="check" />
          </button>
        ) : (
          <button
            class="record-round"
            aria-label={says.turn}
            disabled={!recorder.canTurn.value || name === 'counting'}
            onClick={() => void recorder.turn()}
          >
            <Icon name="flip" />
          </button>
        )}
      </div>
    </div>
  );
}

/** The big button: begins, pauses, goes on. */
function Shutter({ recorder, seconds }: { recorder: Recorder; seconds: number }) {
  const says = words.value.record;
  const { name } = recorder.stage.value;
  const [label, act] =
    name === 'counting'
      ? [says.stopCounting, () => recorder.stopCounting()]
      : name === 'recording'
        ? [says.pause, () => recorder.pause()]
        : name === 'paused'
          ? [says.goOn, () => recorder.goOn()]
          : [says.start, () => recorder.start(seconds)];
  return (
    <button class={`shutter shutter-${name}`} aria-label={label} autofocus onClick={act}>
      {name === 'recording' ? <Icon name="pause" /> : <i />}
    </button>
  );
}

function Microphone({ level }: { level: Level }) {
  const says = words.value.record;
  const loud = level.value.value;
  if (loud === null) return <p class="record-silent">{says.noMicrophone}</p>;
  return (
    <p class="record-level">
      <span class="only-heard">{says.microphone}</span>
      {Array.from({ length: BARS }, (_, nth) => (
        <i key={nth} class={loud * BARS > nth + 0.3 ? 'record-loud' : undefined} />
      ))}
    </p>
  );
}
