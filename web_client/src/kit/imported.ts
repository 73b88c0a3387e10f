/** Parts of the application that are loaded once they are needed: when one does not come, mostly nothing answered. */
import { Unreachable } from '../api/problem';

/** What Vite says of a stylesheet that the part needs. It asks for each only once, and would then go on without it. */
const NO_STYLE = /Unable to preload CSS for (\S+)/;

const missing = new Set<string>();

/** Loads a part by its `import()`. Throws Unreachable. */
export async function imported<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    const part = await load();
    await Promise.all([...missing].map(addStyle));
    return part;
  } catch (error) {
    const [, href] = NO_STYLE.exec(String(error)) ?? [];
    if (href) missing.add(href);
    throw new Unreachable(String(error));
  }
}

function addStyle(href: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    link.onload = () => {
      missing.delete(href);
      resolve();
    };
    link.onerror = () => {
      link.remove();
      reject(new Error(`no answer for ${href}`));
    };
    document.head.append(link);
  });
}
