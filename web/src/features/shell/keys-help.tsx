import { Kbd } from '@/components/kbd';
import { Layer } from '@/components/layer';
import { type Key, t, useLocale } from '@/i18n';
import { usePrefs } from '@/lib/prefs';

const rows: [string, Key][] = [
  ['Ctrl K', 'keys.find'], ['J K', 'keys.rows'], ['↓ ↑', 'keys.rows'], ['Enter Esc', 'keys.open'], ['/', 'keys.search'], ['R', 'keys.write'], ['Q', 'keys.reply'],
  ['Ctrl ↵', 'keys.send'], ['Ctrl Shift ↵', 'keys.send_resolve'], ['T', 'keys.template'], ['N', 'keys.note'], ['E', 'keys.resolve'], ['A', 'keys.assign'], ['Shift A', 'keys.assign_me'],
  ['S', 'keys.status'], [']', 'keys.panel'], ['Z', 'keys.undo'], ['G I', 'keys.go_inbox'], ['G L', 'keys.go_leads'], ['G M', 'keys.go_mailings'], ['G C', 'keys.go_channels'], ['?', 'keys.help'],
];

export default function KeysHelp({ onClose }: { onClose: () => void }) {
  useLocale();
  const { letters } = usePrefs();
  return (
    <Layer title={t('keys.title')} wide text onClose={onClose}>
      <dl className="grid gap-x-10 p-5 small:grid-cols-2">
        {rows.map(([keys, label]) => (
          <div key={keys} className="flex min-h-9 items-center justify-between gap-4 border-b border-line py-1">
            <dt className="text-13">{t(label)}</dt>
            <dd dir="ltr" className="flex gap-1">{keys.split(' ').map((key) => <Kbd key={key}>{key}</Kbd>)}</dd>
          </div>
        ))}
      </dl>
      <p className="px-5 pb-5 text-12 text-ink-3">{letters ? t('keys.body') : t('keys.off')}</p>
    </Layer>
  );
}
