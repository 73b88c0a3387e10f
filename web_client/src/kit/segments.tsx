/** One of a few choices, all of them visible. */
import { Icon, type IconName } from './icon';
import './segments.css';

interface SegmentsProps<Value extends string> {
  legend: string;
  /** What it is about is plain to see: the legend is only heard. */
  quiet?: boolean;
  name: string;
  choices: readonly { value: Value; words: string; icon?: IconName }[];
  value: Value;
  onChoose: (value: Value) => void;
}

export function Segments<Value extends string>({
  legend,
  quiet = false,
  name,
  choices,
  value,
  onChoose,
}: SegmentsProps<Value>) {
  return (
    <fieldset class="segments">
      <legend class={quiet ? 'only-heard' : undefined}>{legend}</legend>
      <div class="segments-row">
        {choices.map((choice) => (
          <label key={choice.value}>
            <input
              type="radio"
              name={name}
              checked={value === choice.value}
              onChange={() => onChoose(choice.value)}
            />
            <span>
              {choice.icon && <Icon name={choice.icon} />}
              {choice.words}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
