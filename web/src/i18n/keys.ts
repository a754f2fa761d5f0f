import type he from './he';
import type more from './he-more';

export type CoreKey = keyof typeof he;
export type MoreKey = keyof typeof more;
export type Key = CoreKey | MoreKey;
