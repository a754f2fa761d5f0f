import { Link } from '@tanstack/react-router';
import { Building2, Check, FileUp, type LucideIcon, MessagesSquare, Smartphone, Store, UserPlus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCan, useMe } from '@/api/session';
import type { Channel, Level } from '@/api/types';
import { DemoPill } from '@/components/demo-pill';
import { Mark } from '@/components/mark';
import { t, useLocale } from '@/i18n';
import { useTitle } from '@/lib/use-title';
import { cx } from '@/lib/cx';
import { Mirror } from './mirror';
import { type Progress, useProgress } from './use-progress';

const filled = 'inline-flex h-[34px] items-center gap-2 rounded-9 bg-brand px-3 text-13 font-semibold text-on-brand hover:bg-brand-hover max-small:h-11';

/** From nothing to an answered lead. Each step is done by what really happened, not by a tick. */
export function FirstSteps() {
  useLocale();
  useTitle(t('first.title'));
  const progress = useProgress();
  const steps = useSteps(progress);
  const done = steps.filter((step) => step.done).length;
  const current = steps.findIndex((step) => !step.done);
  return (
    <div className="flex min-h-0 flex-1">
      <div className="min-w-0 flex-1 overflow-auto p-8 max-small:p-4">
        <div className="mx-auto max-w-[560px]">
          <div className="flex flex-wrap items-center gap-3"><h1 className="text-26 font-semibold">{t('first.title')}</h1><DemoPill /></div>
          <div className="my-4 flex flex-wrap items-center gap-3 text-12 text-ink-2">
            <span role="progressbar" aria-label={t('first.title')} aria-valuenow={done} aria-valuemin={0} aria-valuemax={steps.length} className="h-1.5 w-44 overflow-hidden rounded-full bg-grey-soft"><span className="block h-full rounded-full bg-brand transition-[width] duration-160" style={{ width: `${(done / steps.length) * 100}%` }} /></span>
            <span>{t('first.progress', { done, n: steps.length })}</span><span className="text-ink-3">{t('first.saved')}</span>
          </div>
          <ol className="flex flex-col gap-2.5">
            {steps.map((step, i) => (
              <li key={step.title} aria-current={i === current ? 'step' : undefined} className={cx('flex gap-4 rounded-12 border bg-surface p-4', i === current ? 'border-2 border-brand shadow-e2' : 'border-line', i > current && !step.done && current >= 0 && 'bg-transparent')}>
                <span className={cx('grid size-8 shrink-0 place-items-center rounded-full text-14 font-semibold', step.done ? 'bg-brand text-on-brand' : i === current ? 'bg-brand-soft text-brand-ink' : 'bg-grey-soft text-ink-2')}>{step.done ? <Check size={18} strokeWidth={2.4} aria-hidden /> : i + 1}</span>
                <div className="min-w-0 flex-1 pt-1">
                  <h2 className={cx('text-16 font-semibold', i > current && !step.done && 'text-ink-2')}>{step.title}</h2>
                  {i === current && <div className="mt-1 flex flex-col items-start gap-3 text-13 text-ink-2">{step.body}</div>}
                </div>
              </li>
            ))}
          </ol>
        </div>
      </div>
      <aside className="relative hidden w-[46%] shrink-0 items-center justify-center overflow-hidden bg-brand-soft p-8 medium:flex">
        <span aria-hidden className="absolute -end-24 -bottom-24 opacity-10"><Mark size={480} /></span>
        <Mirror progress={progress} />
      </aside>
    </div>
  );
}

interface Step { title: string; done: boolean; body?: ReactNode }

function useSteps({ channel, conversation, answered, team }: Progress): Step[] {
  const me = useMe();
  const manages = useCan('users.manage');
  const phone = me.sandbox_phone_url;
  const open = conversation && <Link to="/inbox/{-$conversationId}" params={{ conversationId: conversation.id }} search={{ view: 'all' }} className={filled}><MessagesSquare size={16} aria-hidden />{t('first.open_chat')}</Link>;
  return [
    { title: t('first.workspace'), done: true },
    {
      title: channel ? t('first.connect_done', { name: channel.name }) : t('first.connect'), done: !!channel || !!conversation || !!phone,
      body: (
        <>
          <p>{t('first.connect_body')}</p>
          <div className="grid w-full gap-2.5 small:grid-cols-3">{levels.map(([level, icon]) => <Choice key={level} icon={icon} level={level} />)}</div>
          <p className="text-12 text-ink-3">{t('first.sandbox_off')}</p>
        </>
      ),
    },
    {
      title: t('first.message'), done: !!conversation,
      body: channel && !hears(channel) ? (
        <>
          <p>{t('first.not_heard')}</p>
          <div className="flex flex-wrap items-center gap-3">
            <Link to="/import" search={{ channel: channel.id }} className={filled}><FileUp size={16} aria-hidden />{t('thread.import')}</Link>
            <Link to="/settings/channels/connect" className="font-semibold text-brand">{t('first.another')}</Link>
          </div>
        </>
      ) : (
        <>
          <p>{t('first.message_body')}</p>
          {phone && <p>{t('first.sandbox')}: {t('first.sandbox_body')}</p>}
          <div className="flex flex-wrap items-center gap-3">
            {phone && <a href={phone} target="_blank" rel="noreferrer" className={filled}><Smartphone size={16} aria-hidden />{t('first.open_phone')}</a>}
            <span role="status" className="flex items-center gap-2 text-12 text-ink-3"><Mark size={20} connecting />{t('first.waiting')}</span>
          </div>
        </>
      ),
    },
    { title: answered ? t('first.answered') : conversation ? t('first.lead') : t('first.answer'), done: answered, body: <><p>{t('first.lead_body')} {t('first.answer_body')}</p>{open}</> },
    ...(manages ? [{ title: t('first.team'), done: team, body: <><p>{t('first.team_body')}</p><Link to="/settings/users" className={filled}><UserPlus size={16} aria-hidden />{t('first.invite')}</Link></> }] : []),
  ];
}

const levels = [['personal_app', Smartphone], ['business_app', Store], ['business_api', Building2]] as const satisfies [Level, LucideIcon][];

/** What people write to such a number stays in its app. */
const hears = ({ link }: Channel) => link !== 'none' && link !== 'gateway_one_way';

function Choice({ icon: Icon, level }: { icon: LucideIcon; level: Level }) {
  return (
    <Link to="/settings/channels/connect" search={{ level }} className="rounded-10 border border-line-2 p-3 text-12 hover:border-brand hover:bg-brand-soft">
      <span className="flex items-center gap-2 text-13 font-semibold text-ink"><Icon size={16} strokeWidth={1.75} aria-hidden className="text-brand" />{t(`wizard.have_${level}`)}</span><span className="mt-1 block">{t(`wizard.have_${level}_body`)}</span>
    </Link>
  );
}
