import { expect, test } from 'vitest';
import { Rounds } from '../../src/comments/rounds';

function round(rounds: Rounds, comments: number, counted: number): boolean {
  for (let heard = 0; heard < comments; heard++) rounds.heard();
  return rounds.leftOut(counted);
}

test('a full round that does not have all of them is noticed', () => {
  const rounds = new Rounds();
  expect(round(rounds, 0, 100)).toBe(false);
  expect(round(rounds, 3, 103)).toBe(false);
  expect(round(rounds, 20, 123)).toBe(false);
  expect(round(rounds, 20, 160)).toBe(true);
  expect(round(rounds, 1, 161)).toBe(false);
});

test('comments that a block hides from us are not asked for again and again', () => {
  const rounds = new Rounds();
  round(rounds, 0, 10);
  expect(round(rounds, 2, 15)).toBe(false);
});

test('another video begins anew', () => {
  const rounds = new Rounds();
  round(rounds, 0, 10);
  rounds.begin();
  expect(round(rounds, 20, 500)).toBe(false);
});
