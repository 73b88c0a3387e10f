/** The one stage of this page: only one feed is on the screen at a time. */
import { Stage } from './stage';
import { fetchVideo } from '../videos/store';

export const stage = new Stage(fetchVideo);
