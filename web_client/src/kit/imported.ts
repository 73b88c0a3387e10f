/** Parts of the application that are loaded once they are needed: when one does not come, mostly nothing answered. */
import { Unreachable } from '../api/problem';

/** What Vite says of a stylesheet that the part needs. It asks for each only once, and would then go on without it. */
const NO_STYLE = /Unable to preload CSS for (\S+)/;
const ANSWER_WITHIN_MS = 5_000;

/** The part does not come although there is an answer: this page is too old for it, or the browser remembers that it failed once. */
export class StalePage extends Error {}

/** Stylesheets that did not come, by the part that needs them. */
const missing = new Map<string, Set<string>>();
const failed = new Set<string>();

/** Loads the part of this name by its `import()`. Throws Unreachable, and StalePage where trying again is in vain. */
export async function imported<Part>(name: string, load: () => Promise<Part>): Promise<Part> {
  try {
    const part = await load();
    await Promise.all([...(missing.get(name) ?? [])].map((href) => addStyle(name, href)));
    failed.delete(name);
    return part;
  } catch (error) {
    const [, href] = NO_STYLE.exec(String(error)) ?? [];
    if (href) missing.set(name, new Set(missing.get(name)).add(href));
    const again = failed.has(name);
    failed.add(name);
    if (again && (await answers())) throw new StalePage(String(error));
    throw new Unreachable(String(error));
  }
}

/** Is there an answer when this very page is asked for? */
async function answers(): Promise<boolean> {
  const init = { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
  return fetch('/', init as RequestInit).then(
    ({ ok }) => ok,
    () => false,
  );
}

function addStyle(name: string, href: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    link.onload = () => {
      missing.get(name)?.delete(href);
      resolve();
    };
    link.onerror = () => {
      link.remove();
      reject(new Error(`no answer for ${href}`));
    };
    document.head.append(link);
  });
}
