/** Deutsch. */
import type { Words } from '../words';
import { failures } from './failures';
import { numbers } from './numbers';

export const de: Words = { failures, numbers };
