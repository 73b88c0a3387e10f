/** One video of a feed: its picture, its words, its actions. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Video } from '../api/types';
import { Icon } from '../kit/icon';
import { Busy } from '../kit/state';
import { words } from '../words/words';
import { Caption } from './caption';
import { ClipBackground } from './clip-background';
import { ClipProgress } from './clip-progress';
import { useFinishing } from './finishing';
import { useLongPress } from './long-press';
import { openMenu } from './menu';
import { Rail } from './rail';
import { SoundButton } from './sound-button';
import type { Phase } from '../playback/player';
import { stage } from '../playback/the-stage';
import { useTaps } from './taps';
import './clip.css';

/** Narrower than this (width by height) fills the screen; wider pictures keep their frame. */
const FILLS_BELOW = 0.7;

const POSTER_AFTER_MS = 400;

interface ClipProps {
  video: Signal<Video>;
  current: boolean;
  /** A word about it that belongs to this feed. */
  note: string | undefined;
}

export function Clip({ video, current, note }: ClipProps) {
  const { id, title, author, width, height, poster_url } = video.value;
  const player = stage.players.value.get(id);
  const hearts = useSignal<readonly Heart[]>([]);
  const late = useLate();
  const press = useLongPress(() => openMenu(video.value));
  const taps = useTaps(id, hearts);
  useFinishing(video, current);
  const fills = !width || !height || width / height < FILLS_BELOW;
  const phase = player?.phase.value ?? 'empty';
  const says = words.value.feed;
  return (
    <div class={`clip ${fills ? 'clip-fills' : 'clip-framed'}`}>
      <ClipBackground video={video.value} />
      <div class={player?.painted.value ? 'clip-screen clip-painted' : 'clip-screen'}>
        {poster_url && (stage.rested.value || (current && late.value)) && (
          <img class="clip-poster" src={poster_url} alt="" decoding="async" />
        )}
      </div>
      <button
        class="clip-tap"
        aria-label={`${says.clip(title, author.display_name)} ${phase === 'playing' ? says.pause : says.play}`}
        {...press}
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
      <Caption video={video} current={current} note={note} />
      <Rail video={video} current={current} />
      {player && current && (
        <ClipProgress id={id} element={player.element} moving={phase === 'playing'} />
      )}
    </div>
  );
}

/**
 * Whether the page's first video takes so long that its poster is worth what it takes from it: a poster weighs as much as the file's
 * beginning.
 */
function useLate(): { readonly value: boolean } {
  const late = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => (late.value = true), POSTER_AFTER_MS);
    return () => clearTimeout(timer);
  }, [late]);
  return late;
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

function ClipState({ phase, onRetry }: { phase: Phase; onRetry: () => void }) {
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
        <Busy label={words.value.feed.loadingOne} />
      </span>
    );
  }
  if (phase !== 'broken') return null;
  return (
    <div class="clip-broken" role="alert">
      <p>{words.value.feed.broken}</p>
      <button class="button" onClick={onRetry}>
        <Icon name="retry" />
        {words.value.feed.again}
      </button>
    </div>
  );
}

function retry(id: string): void {
  void stage.retry(id);
}
