/**
 * A sentence with names, titles and texts of others in it: `{name}` of the sentence is what stands under `name`. What others
 * wrote is isolated, so that its direction, or marks that turn it round, end where it ends (WCAG 1.3.2; UAX 9).
 */
import type { ComponentChildren } from 'preact';

export function Said({ text, parts }: { text: string; parts: Record<string, ComponentChildren> }) {
  return (
    <>
      {text.split(/(\{\w+\})/).map((piece, index) => {
        const name = /^\{(\w+)\}$/.exec(piece)?.[1];
        const part = name === undefined ? undefined : parts[name];
        return part === undefined ? piece : <bdi key={index}>{part}</bdi>;
      })}
    </>
  );
}
