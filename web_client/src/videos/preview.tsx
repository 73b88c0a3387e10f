/** The moving picture of a video on top of its still one: seen once it is there, and no loss where it never comes. */
import { useSignal } from '@preact/signals';

export function Preview({ url }: { url: string }) {
  const there = useSignal(false);
  return (
    <img
      class={there.value ? 'tile-preview tile-preview-there' : 'tile-preview'}
      src={url}
      alt=""
      decoding="async"
      onLoad={() => (there.value = true)}
    />
  );
}
