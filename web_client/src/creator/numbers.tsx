/** Numbers side by side, each with its name. */
import { count } from '../words/count';
import { words } from '../words/words';

interface NumbersProps {
  title?: string;
  /** Null: not known, which is not 0. */
  numbers: readonly (readonly [string, number | null])[];
}

export function Numbers({ title, numbers }: NumbersProps) {
  return (
    <section class="creator-part">
      {title && <h2>{title}</h2>}
      <dl class="creator-numbers">
        {numbers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value === null ? (
                <span class="creator-unknown">
                  <span aria-hidden="true">–</span>
                  <span class="only-heard">{words.value.creator.notKnown}</span>
                </span>
              ) : (
                count(value)
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
