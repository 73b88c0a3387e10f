/** Whether suggestions learn from what one watches, and the way to begin anew. */
import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call } from '../api/call';
import type { SuggestionChoice } from '../api/types';
import { Button } from '../kit/button';
import { changedSince, tick } from '../kit/moments';
import { optimistic } from '../kit/optimistic';
import { Sheet } from '../kit/sheet';
import { tell, tellFailure } from '../kit/toast';
import { language } from '../words/language';
import { words } from '../words/words';
import { Row } from './row';
import { Switch } from './switch';

const PATH = '/me/suggestions';
const UNKNOWN: SuggestionChoice = { learns: true, since: null };

/** Of the page, not of this part of it: what was chosen goes on to the server while other settings are shown. */
const choice = signal<SuggestionChoice | null>(null);
const choose = optimistic<SuggestionChoice>({
  shown: () => choice.peek() ?? UNKNOWN,
  show: (_, chosen) => (choice.value = chosen),
  send: (_, { learns }) => call('PATCH', PATH, { body: { learns }, repeatable: true }),
});

async function renewChoice(): Promise<void> {
  const asked = tick();
  const found = await call('GET', PATH);
  if (!changedSince(PATH, asked)) choice.value = found;
}

export function SuggestionsPart() {
  const says = words.value.settings;
  const asking = useSignal(false);
  useEffect(() => {
    // Without an answer there is nothing to switch.
    renewChoice().catch(() => undefined);
  }, []);
  const { learns, since } = choice.value ?? UNKNOWN;
  return (
    <section class="settings-part settings-rows">
      <h2>{says.suggestions}</h2>
      <Switch
        name="learns"
        label={says.learns}
        note={learns && since ? says.since(dated(since)) : says.learnsMeans}
        on={learns}
        disabled={choice.value === null}
        onSwitch={(on) => void choose(PATH, { learns: on, since })}
      />
      <Row icon="retry" label={says.restart} onClick={() => (asking.value = true)} />
      {asking.value && (
        <Restart
          onClose={(choices) => {
            asking.value = false;
            if (choices) choice.value = choices;
          }}
        />
      )}
    </section>
  );
}

/** Says what happens before it does. */
function Restart({ onClose }: { onClose: (choice?: SuggestionChoice) => void }) {
  const says = words.value.settings;
  const busy = useSignal(false);
  const restart = async () => {
    busy.value = true;
    try {
      await call('DELETE', PATH, { repeatable: true });
      tell(says.restarted);
      onClose(await call('GET', PATH));
    } catch (error) {
      tellFailure(error);
      onClose();
    }
  };
  return (
    <Sheet title={says.restartTitle} onClose={() => onClose()}>
      <div class="settings-sheet">
        <p>{says.restartMeans}</p>
        <Button class="button button-main" off={busy.value} onClick={() => void restart()}>
          {says.restart}
        </Button>
        <button class="button" onClick={() => onClose()}>
          {says.cancel}
        </button>
      </div>
    </Sheet>
  );
}

function dated(time: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' }).format(new Date(time));
}
