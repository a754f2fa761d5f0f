/** A key cap. Always left to right: `Ctrl K` is a name, not a sentence. */
export function Kbd({ children }: { children: string }) {
  return (
    <kbd dir="ltr" className="inline-grid h-5 min-w-5 place-items-center rounded-5 border border-line-2 bg-sunken px-1.5 font-sans text-11 text-ink-2">
      {children}
    </kbd>
  );
}
