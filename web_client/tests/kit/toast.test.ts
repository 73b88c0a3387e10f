import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dismissToast, hold, tell, toast, toasts } from '../../src/kit/toast';

const said = () => toasts.value.map(({ text }) => text);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  toasts.value.forEach(({ id }) => dismissToast(id));
  vi.useRealTimers();
});

test('three at most, the newest last, and nothing twice', () => {
  ['one', 'two', 'three', 'four', 'three'].forEach(tell);
  expect(said()).toEqual(['two', 'four', 'three']);
});

test('what offers an action stays longer', () => {
  tell('Saved');
  toast('Deleted', { action: { label: 'Undo', run: () => undefined } });
  vi.advanceTimersByTime(6000);
  expect(said()).toEqual(['Deleted']);
  vi.advanceTimersByTime(3000);
  expect(said()).toEqual([]);
});

test('nothing goes away under a finger', () => {
  tell('Saved');
  hold('pointer', true);
  tell('Saved again');
  vi.advanceTimersByTime(60_000);
  expect(said()).toEqual(['Saved', 'Saved again']);
  hold('pointer', false);
  vi.advanceTimersByTime(6000);
  expect(said()).toEqual([]);
});

test('the last one takes the finger with it', () => {
  tell('Saved');
  hold('pointer', true);
  toasts.value.forEach(({ id }) => dismissToast(id));
  tell('Saved again');
  vi.advanceTimersByTime(6000);
  expect(said()).toEqual([]);
});

test('they stay while the focus is on them, though the mouse has left', () => {
  tell('Saved');
  hold('focus', true);
  hold('pointer', true);
  hold('pointer', false);
  vi.advanceTimersByTime(60_000);
  expect(said()).toEqual(['Saved']);
  hold('focus', false);
  hold('focus', false);
  vi.advanceTimersByTime(6000);
  expect(said()).toEqual([]);
});
