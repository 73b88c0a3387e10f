/** "3 new": what arrived waits here until it is asked for. */
import { Avatar } from '../kit/avatar';
import { words } from '../words/words';
import { fresh, showFresh } from './following';

const MOST_FACES = 3;

/** The pill goes: what it had of the focus is for the videos. */
function press(): void {
  document.querySelector<HTMLElement>('.reel')?.focus({ preventScroll: true });
  showFresh();
}

export function NewPill() {
  const videos = fresh.value;
  if (videos.length === 0) return <div class="pill-place" role="status" />;
  const authors = new Map(videos.map(({ value: { author } }) => [author.id, author]));
  const names = [...authors.values()].map((author) => author.display_name);
  const says = words.value.feed;
  return (
    <div class="pill-place" role="status">
      <button class="pill" onClick={press}>
        <span class="pill-faces">
          {[...authors.values()].slice(0, MOST_FACES).map((author) => (
            <Avatar key={author.id} of={author} size="small" />
          ))}
        </span>
        {says.new(videos.length)}
        <span class="only-heard"> {says.from(names.join(', '))}</span>
      </button>
    </div>
  );
}
