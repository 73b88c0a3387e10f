/** One video of a feed: its picture, its words, its actions. */
import { type Signal, useSignal } from '@preact/signals';
import type { Video } from '../api/types';
import { Icon } from '../kit/icon';
import { Busy } from '../kit/state';
import { Caption } from './caption';
import { ClipBackground } from './clip-background';
import { ClipProgress } from './clip-progress';
import { useFinishing } from './finishing';
import { Rail } from './rail';
import { SoundButton } from './sound-button';
import { stage } from './stage';
import { useTaps } from './taps';
import './clip.css';

/** Narrower than this (width by height) fills the screen; wider pictures keep their frame. */
const FILLS_BELOW = 0.7;

export function Clip({ video, current }: { video: Signal<Video>; current: boolean }) {
  const { id, title, author, width, height, poster_url } = video.value;
  const player = stage.players.value.get(id);
  const hearts = useSignal<readonly Heart[]>([]);
  const taps = useTaps(id, hearts);
  useFinishing(video, current);
  const fills = !width || !height || width / height < FILLS_BELOW;
  const phase = player?.phase.value ?? 'empty';
  return (
    <div class={`clip ${fills ? 'clip-fills' : 'clip-framed'}`}>
      <ClipBackground video={video.value} />
      <div class={player?.painted.value ? 'clip-screen clip-painted' : 'clip-screen'}>
        {poster_url && <img class="clip-poster" src={poster_url} alt="" decoding="async" />}
      </div>
      <button
        class="clip-tap"
        aria-label={`${title || 'Video'} by ${author.display_name}. ${phase === 'playing' ? 'Pause' : 'Play'}`}
        {...taps}
      />
      <div class="clip-scrims" />
      {current && <ClipState phase={phase} onRetry={() => retry(id)} />}
      {hearts.value.map((heart) => (
        <Burst
          key={heart.key}
          heart={heart}
          onDone={() => (hearts.value = hearts.value.filter((h) => h !== heart))}
        />
      ))}
      <SoundButton />
      <Caption video={video} />
      <Rail video={video} current={current} />
      {player && current && <ClipProgress element={player.element} />}
    </div>
  );
}

export interface Heart {
  key: number;
  x: number;
  y: number;
}

function Burst({ heart, onDone }: { heart: Heart; onDone: () => void }) {
  return (
    <span
      class="burst"
      style={{ left: `${heart.x}px`, top: `${heart.y}px` }}
      onAnimationEnd={onDone}
      aria-hidden="true"
    >
      <Icon name="heart" full />
    </span>
  );
}

function ClipState({ phase, onRetry }: { phase: string; onRetry: () => void }) {
  if (phase === 'stopped') {
    return (
      <span class="clip-mark" aria-hidden="true">
        <Icon name="play" full />
      </span>
    );
  }
  if (phase === 'waiting') {
    return (
      <span class="clip-waiting">
        <Busy label="Loading the video" />
      </span>
    );
  }
  if (phase !== 'broken') return null;
  return (
    <div class="clip-broken" role="alert">
      <p>This video cannot be played right now.</p>
      <button class="button" onClick={onRetry}>
        <Icon name="retry" />
        Try again
      </button>
    </div>
  );
}

function retry(id: string): void {
  void stage.retry(id);
}
