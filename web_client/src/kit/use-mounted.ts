/** For what goes on after a component was left. */
import { useEffect, useRef } from 'preact/hooks';

/** Is it still shown? Whoever left meanwhile is not called away from where they are. */
export function useMounted(): { readonly current: boolean } {
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  return mounted;
}
