import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, ChevronDown, CircleCheck, Ellipsis, FileUp, PanelRight, Phone as PhoneIcon, RotateCcw, UserPlus } from 'lucide-react';
import { useStatus } from '@/api/leads';
import type { Conversation } from '@/api/types';
import { useUser } from '@/api/users';
import { Phone } from '@/components/bdi';
import { Button, IconButton } from '@/components/button';
import { ChannelDot } from '@/components/channel';
import { Face, RingedFace } from '@/components/face';
import { MenuButton } from '@/components/menu';
import { groupTone, Pill } from '@/components/pill';
import { localised, t, useLocale } from '@/i18n';
import { AssigneeMenu } from './assignee-menu';
import { nameOf } from './name';
import { useConversationActions } from './use-conversation-actions';

interface Props { conversation: Conversation; panelShown: boolean; onPanel: () => void }

export function ThreadHeader({ conversation: c, panelShown, onPanel }: Props) {
  useLocale();
  const act = useConversationActions(c);
  const navigate = useNavigate();
  const status = useStatus(c.lead);
  const open = c.state === 'open';
  const resolve = open ? t('thread.resolve') : t('thread.reopen');
  const menu = [
    { id: 'panel', label: t('thread.panel'), icon: PanelRight, mirror: true, onAction: onPanel },
    { id: 'state', label: resolve, icon: open ? CircleCheck : RotateCcw, onAction: act.toggle },
    { id: 'import', label: t('thread.import'), icon: FileUp, onAction: () => void navigate({ to: '/import', search: { channel: c.channel.id, contact: c.contact.id } }) },
  ];
  return (
    <header className="@container shrink-0 border-b border-line bg-surface">
      <div className="flex min-h-15 items-center gap-3 px-4 max-small:gap-2 max-small:px-2">
        <Link to="/inbox/{-$conversationId}" params={{ conversationId: undefined }} search={(old) => old} aria-label={t('thread.back')} className="grid size-11 place-items-center rounded-9 text-ink-2 small:hidden">
          <ArrowLeft size={20} strokeWidth={1.75} aria-hidden className="mirror" />
        </Link>
        <RingedFace id={c.contact.id} name={c.contact.display_name} window={c.window} size={42} />
        <div className="min-w-0 flex-1">
          <div className="flex items-center gap-2.5">
            <h2 className="truncate text-14 font-semibold"><bdi>{nameOf(c.contact)}</bdi></h2>
            {status && <span className="shrink-0 @max-2xl:hidden"><Pill tone={groupTone[status.group]}>{localised(status.name)}</Pill></span>}
          </div>
          <p className="flex items-center gap-1.5 truncate text-12 text-ink-3">
            <ChannelDot link={c.channel.link} id={c.channel.id} />
            <span className="truncate @max-lg:hidden">{c.channel.name}</span> <Phone value={c.channel.phone} /> <span className="max-medium:hidden">· {t(`level.${c.channel.level}`)}</span>
          </p>
        </div>
        <span className="max-small:hidden"><Assignee conversation={c} id="assign-menu" /></span>
        {c.contact.phone && (
          <a href={`tel:${c.contact.phone}`} aria-label={t('thread.call')} data-tip={t('thread.call')} className="grid size-[34px] place-items-center rounded-9 text-ink-2 hover:bg-hover max-small:size-11">
            <PhoneIcon size={18} strokeWidth={1.75} aria-hidden />
          </a>
        )}
        {act.may && <Button icon={open ? CircleCheck : RotateCcw} onClick={act.toggle} data-keys="E" data-tip={resolve} aria-label={resolve} className="max-small:hidden"><span className="@max-xl:hidden">{resolve}</span></Button>}
        <IconButton icon={PanelRight} mirror label={t('thread.panel')} keys="]" pressed={panelShown} onClick={onPanel} className="max-small:hidden" />
        <MenuButton label={t('action.more')} placement="bottom end" groups={[{ entries: act.may ? menu : menu.slice(0, 1) }]} className="grid size-11 place-items-center rounded-9 text-ink-2 small:hidden"><Ellipsis size={20} aria-hidden /></MenuButton>
      </div>
      <div className="flex min-h-11 items-center justify-between gap-2 border-t border-line px-4 small:hidden">
        {status ? <button type="button" onClick={onPanel}><Pill tone={groupTone[status.group]}>{localised(status.name)}</Pill></button> : <span />}
        <Assignee conversation={c} />
      </div>
    </header>
  );
}

function Assignee({ conversation, id }: { conversation: Conversation; id?: string }) {
  const agent = useUser(conversation.assignee_id);
  return (
    <AssigneeMenu conversation={conversation} id={id} label={t('thread.assignee', { name: agent?.name ?? t('thread.nobody') })} className="flex h-[34px] items-center gap-2 rounded-9 px-2 text-13 hover:bg-hover max-small:h-11">
      {agent ? <Face id={agent.id} name={agent.name} size={24} /> : <UserPlus size={18} strokeWidth={1.75} aria-hidden className="text-ink-2" />}
      <bdi className="max-w-28 truncate font-medium @max-md:max-w-20">{agent?.name ?? t('thread.nobody')}</bdi>
      <ChevronDown size={14} aria-hidden className="text-ink-3" />
    </AssigneeMenu>
  );
}
