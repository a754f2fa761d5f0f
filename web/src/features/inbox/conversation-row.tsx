import { Link } from '@tanstack/react-router';
import { CircleCheck, Hourglass, Lock, UserPlus } from 'lucide-react';
import { useStatus } from '@/api/leads';
import { useMe } from '@/api/session';
import type { Conversation } from '@/api/types';
import { useUser } from '@/api/users';
import { Ltr } from '@/components/bdi';
import { IconButton } from '@/components/button';
import { ChannelDot } from '@/components/channel';
import { Face, RingedFace } from '@/components/face';
import { Badge, groupTone, Pill } from '@/components/pill';
import { localised, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { useNow } from '@/lib/clock';
import { countdown, listTime } from '@/lib/format';
import { windowOf } from '@/lib/window';
import { LastLine } from './last-line';
import { nameOf } from './name';
import { useConversationActions } from './use-conversation-actions';

/** Face in its ring · name, countdown, time · last line, unread · channel, status, agent. */
export function ConversationRow({ conversation: c, selected }: { conversation: Conversation; selected: boolean }) {
  useLocale();
  const window = windowOf(c.window, useNow());
  const status = useStatus(c.lead);
  const agent = useUser(c.assignee_id);
  const unread = c.unread_count > 0;
  return (
    <div className={cx('group relative h-full transition-colors duration-90', selected ? 'bg-sel' : 'hover:bg-hover')}>
      {selected && <span aria-hidden className="absolute inset-y-0 start-0 z-1 w-[3px] bg-brand" />}
      <Link
        to="/inbox/{-$conversationId}" params={{ conversationId: c.id }} search={(old) => old} aria-current={selected ? 'true' : undefined}
        className="flex h-full items-center gap-3 px-4 focus-inset"
      >
        <RingedFace id={c.contact.id} name={c.contact.display_name} window={c.window} />
        <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] gap-0.5">
          <div className="flex items-center gap-2">
            <span className={cx('min-w-0 flex-1 truncate text-14', unread ? 'font-bold' : 'font-medium')}><bdi>{nameOf(c.contact)}</bdi></span>
            <span className="flex shrink-0 items-center gap-1.5 text-12 text-ink-3 group-focus-within:medium:invisible group-hover:medium:invisible">
              {window.kind === 'open' && window.closing && (
                <span className="flex items-center gap-1 font-semibold text-warn"><Hourglass size={13} strokeWidth={1.75} aria-hidden /><Ltr className="tabular">{countdown(window.left)}</Ltr></span>
              )}
              {window.kind === 'closed' && <Lock size={13} strokeWidth={1.75} aria-hidden />}
              <bdi className="tabular">{listTime(c.last_at)}</bdi>
            </span>
          </div>
          <div className="flex items-center gap-2">
            <LastLine conversation={c} />
            {unread && <span className="shrink-0"><span className="sr-only">{t('row.unread', { n: c.unread_count })}</span><span aria-hidden><Badge count={c.unread_count} tone="brand" /></span></span>}
          </div>
          <div className="flex items-center gap-1.5 text-12 text-ink-3 in-data-[density=compact]:hidden">
            <ChannelDot link={c.channel.link} id={c.channel.id} /><span className="min-w-0 flex-1 truncate">{c.channel.name}</span>
            {c.contact.marketing.state === 'opted_out' ? <Pill tone="bad" small>{t('lead.marketing_opted_out')}</Pill> : status && <Pill tone={groupTone[status.group]} small>{localised(status.name)}</Pill>}
            {agent ? <span className="shrink-0" title={agent.name}><span className="sr-only">{t('thread.assignee', { name: agent.name })}</span><Face id={agent.id} name={agent.name} size={20} /></span> : <UserPlus size={16} strokeWidth={1.75} role="img" aria-label={t('thread.nobody')} className="shrink-0" />}
          </div>
        </div>
      </Link>
      <Quick conversation={c} />
    </div>
  );
}

/** Under the pointer the time gives way to what is done most. */
function Quick({ conversation }: { conversation: Conversation }) {
  const me = useMe();
  const act = useConversationActions(conversation);
  if (!act.may) return null;
  return (
    <div className="invisible absolute end-3 top-1.5 flex max-medium:hidden group-focus-within:visible group-hover:visible">
      {conversation.assignee_id !== me.user.id && <IconButton size="small" iconSize={16} tabIndex={-1} icon={UserPlus} label={t('thread.assign_me')} onClick={() => act.assign(me.user.id)} />}
      <IconButton size="small" iconSize={16} tabIndex={-1} icon={CircleCheck} label={conversation.state === 'open' ? t('row.resolve') : t('thread.reopen')} onClick={act.toggle} />
    </div>
  );
}
