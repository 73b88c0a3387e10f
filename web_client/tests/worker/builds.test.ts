import { expect, test } from 'vitest';
import { outdated } from '../../src/worker/builds';

const served = (name: string) => ({ name, served: true });
const fetched = (name: string) => ({ name, served: false });

test('the first build has nothing to let go', () => {
  expect(outdated([served('a')], 'a')).toEqual([]);
});

test('the build that answered before stays for the pages that are open, older ones go', () => {
  expect(outdated([served('a'), served('b'), served('c')], 'c')).toEqual(['a']);
});

test('a build that was fetched and never answered is not the one before', () => {
  expect(outdated([served('a'), fetched('b'), served('c')], 'c')).toEqual(['b']);
});

test('going back to a build that is still kept lets the later one stay', () => {
  expect(outdated([served('a'), served('b')], 'a')).toEqual([]);
});
