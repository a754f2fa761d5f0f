import { Link } from '@tanstack/react-router';
import type { Channel, Way } from '@/api/types';
import { Phone } from '@/components/bdi';
import { ChannelDot } from '@/components/channel';
import { Choice } from '@/components/choice';
import { t } from '@/i18n';

interface Props { able: Channel[]; others: { channel: Channel; way: Way }[]; value: string; onChange: (id: string) => void }

/** The numbers that can, with how much today; and why the others cannot. */
export function From({ able, others, value, onChange }: Props) {
  return (
    <div className="flex flex-col gap-3">
      <fieldset className="flex flex-col gap-2">
        <legend className="pb-2 text-12 text-ink-3">{t('mailing.from_hint')}</legend>
        {able.map((channel) => (
          <Choice
            key={channel.id} type="radio" name="channel" checked={channel.id === value} onChange={() => onChange(channel.id)} body={today(channel)}
            title={<span className="flex flex-wrap items-center gap-2"><ChannelDot link={channel.link} id={channel.id} /><bdi>{channel.name}</bdi><span className="font-normal text-ink-3"><Phone value={channel.phone} /></span></span>}
          />
        ))}
      </fieldset>
      {!!others.length && (
        <details className="text-12">
          <summary className="w-fit rounded-5 font-semibold text-brand-ink hover:underline">{t('mailing.why_not', { n: others.length })}</summary>
          <ul className="flex flex-col gap-1.5 pt-2">
            {others.map(({ channel, way }) => (
              <li key={channel.id} className="flex flex-wrap items-center gap-x-2 text-ink-2">
                <ChannelDot link={channel.link} id={channel.id} /><Link to="/settings/channels/capabilities" search={{ channel: channel.id }} className="font-medium hover:underline"><bdi>{channel.name}</bdi></Link>
                <span className="text-ink-3">{why(channel, way)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function today({ linking, today: day }: Channel): string {
  if (linking && ['unlinked', 'starting', 'awaiting_code'].includes(linking.state)) return t('mailing.from_unlinked');
  if (linking?.state === 'restricted') return t('mailing.from_restricted');
  return day ? t('mailing.from_today', { n: day.reachable }) : '';
}

function why({ linking }: Channel, way: Way): string {
  if (linking?.state === 'banned') return t('mailing.why_banned');
  if (way === 'becomes_task') return t('mailing.why_task');
  return way === 'sends_by_window' ? t('mailing.why_templates') : t('mailing.why_refused');
}
