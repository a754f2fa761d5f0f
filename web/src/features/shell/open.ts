import { useSyncExternalStore } from 'react';

type Layer = 'palette' | 'keys' | null;
let open: Layer = null;
const listeners = new Set<() => void>();

export function openShell(layer: Layer) {
  open = layer;
  for (const listener of listeners) listener();
}

export function useShellLayer(): Layer {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => open);
}
