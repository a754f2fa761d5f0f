import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { getPrefs } from './prefs';

/** Something a person can do: from the palette, and by its key. */
export interface Action {
  id: string; group: 'here' | 'go' | 'do'; label: string; hint?: string; icon: LucideIcon; mirror?: boolean;
  /** By place on the keyboard: `KeyE`, `Shift+KeyA`, `Mod+KeyK`, `KeyG KeyI`. Keys without a modifier can be turned off. */
  code?: string; keys?: string; hidden?: boolean; run: () => void;
  /** It is part of the layer that is open: its key works there, where those of the page beneath do not. */
  inLayer?: boolean;
}

const layers: { current: Action[] }[] = [];

export function useActions(actions: Action[]) {
  const layer = useRef<Action[]>([]);
  layer.current = actions;
  useEffect(() => {
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}

export function allActions(): Action[] {
  return layers.flatMap((layer) => layer.current);
}

let first: { code: string; at: number } | null = null;

function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !(target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type));
}

function onKey(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing) return;
  const mod = event.ctrlKey || event.metaKey;
  const bare = !mod && !event.altKey;
  const layered = !!document.querySelector('[role=dialog],[role=menu],[role=alertdialog]');
  if (bare && (inField(event.target) || !getPrefs().letters)) return;
  const code = `${mod ? 'Mod+' : ''}${event.shiftKey ? 'Shift+' : ''}${event.code}`;
  const pair = first && event.timeStamp - first.at < 1500 ? `${first.code} ${code}` : null;
  const actions = layers.toReversed().flatMap((layer) => layer.current).filter((action) => !bare || !layered || action.inLayer);
  const match = (pair && actions.find((action) => action.code === pair)) || actions.find((action) => action.code === code);
  first = null;
  if (match) {
    event.preventDefault();
    match.run();
  } else if (bare && actions.some((action) => action.code?.startsWith(`${code} `))) first = { code, at: event.timeStamp };
}

export function useKeyboard() {
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
