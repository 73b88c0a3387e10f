/** The moment before we know who this is. */
import { Busy } from '../kit/state';
import { Wordmark } from './wordmark';

export function Starting({ unreachable }: { unreachable: boolean }) {
  return (
    <main class="starting">
      <Wordmark />
      <Busy label="Starting" />
      {unreachable && (
        <p role="alert">
          The server cannot be reached. It goes on by itself as soon as it answers.
        </p>
      )}
    </main>
  );
}
