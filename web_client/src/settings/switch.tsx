/** A switch with its name, and what it means. */
interface SwitchProps {
  name: string;
  label: string;
  note: string;
  on: boolean;
  disabled?: boolean;
  onSwitch: (on: boolean) => void;
}

export function Switch({ name, label, note, on, disabled = false, onSwitch }: SwitchProps) {
  const notes = `${name}-notes`;
  return (
    <label class="switch">
      <span class="switch-words">
        <b>{label}</b>
        <small id={notes}>{note}</small>
      </span>
      <input
        type="checkbox"
        role="switch"
        name={name}
        aria-label={label}
        aria-describedby={notes}
        checked={on}
        disabled={disabled}
        onChange={({ currentTarget }) => onSwitch(currentTarget.checked)}
      />
      <i aria-hidden="true" />
    </label>
  );
}
