/** English: what every other language is measured by. */
import { failures } from './failures';
import { numbers } from './numbers';

export const en = { failures, numbers };
