/** The moment before we know who this is; and what it says while nothing answers. */
import { Icon } from '../kit/icon';
import { online, tryNow } from '../kit/online';
import { Busy } from '../kit/state';
import { words } from '../words/words';
import { Wordmark } from '../kit/wordmark';

export function Starting({ unreachable }: { unreachable: boolean }) {
  return (
    <main class="starting">
      <Wordmark />
      {unreachable ? <Unreachable /> : <Busy label={words.value.app.starting} />}
    </main>
  );
}

function Unreachable() {
  const { offline, unreachable, goesOn, tryNow: again } = words.value.app;
  return (
    <section class="unreachable" role="alert">
      <span class="empty-mark">
        <Icon name="offline" />
      </span>
      <h1>{online.value ? unreachable : offline}</h1>
      <p>{goesOn}</p>
      <button class="button" onClick={tryNow}>
        {again}
      </button>
    </section>
  );
}
