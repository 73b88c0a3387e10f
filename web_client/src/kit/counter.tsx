/** How many characters are left: always heard, seen once they are few; until then its place is kept. */
import { words } from '../words/words';

export function Counter({ left, of }: { left: number; of: number }) {
  return (
    <>
      <span class={left > of / 5 ? 'only-room' : ''} aria-hidden="true">
        {left}
      </span>
      <span class="only-heard">{words.value.kit.left(left)}</span>
    </>
  );
}
