export interface WindowLike { state: 'open' | 'closed' | 'none'; expires_at: string | null }
export type WindowState = { kind: 'none' } | { kind: 'closed' } | { kind: 'open'; left: number; share: number; closing: boolean };

const HOUR = 3_600_000;

/** What the window is at an instant: the server's word may be a minute old, its end is not. */
export function windowOf(window: WindowLike, at: number): WindowState {
  if (window.state === 'none') return { kind: 'none' };
  const left = window.expires_at ? Date.parse(window.expires_at) - at : 0;
  if (window.state === 'closed' || left <= 0) return { kind: 'closed' };
  return { kind: 'open', left, share: Math.min(1, left / (24 * HOUR)), closing: left < 4 * HOUR };
}
