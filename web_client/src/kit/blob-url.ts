/** A blob as an address, for as long as it is shown. */
import { useEffect, useMemo } from 'preact/hooks';

/** Null where there is no blob. */
export function useBlobUrl(blob: Blob | null): string | null {
  const url = useMemo(() => (blob ? URL.createObjectURL(blob) : null), [blob]);
  useEffect(
    () => () => {
      if (url) URL.revokeObjectURL(url);
    },
    [url],
  );
  return url;
}
