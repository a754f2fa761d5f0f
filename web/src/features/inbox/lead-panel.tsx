import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronDown, FileUp, Hourglass, UserPlus } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { ApiProblem } from '@/api/client';
import { conversationQuery } from '@/api/conversations';
import { type ContactChange, type LeadChange, leadsQuery, updateContact, updateLead, usePipeline } from '@/api/leads';
import { useCan, useMe } from '@/api/session';
import type { Contact, Conversation, Lead, Pipeline, PipelineField } from '@/api/types';
import { useUser } from '@/api/users';
import { Ltr, Phone } from '@/components/bdi';
import { buttonClass } from '@/components/button';
import { RingedFace, Face } from '@/components/face';
import { MenuButton } from '@/components/menu';
import { groupTone, Pill, pillTones } from '@/components/pill';
import { toast } from '@/components/toast';
import { localised, t, useLocale, withWords } from '@/i18n';
import { useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { countdown, date, money, phone } from '@/lib/format';
import { windowOf } from '@/lib/window';
import { patchConversation } from '@/live/cache';
import { AssigneeMenu } from './assignee-menu';
import { Editable } from './editable';
import { nameOf } from './name';
import { report } from './problems';
import { Timeline } from './timeline';

const PanelWrite = lazy(() => withWords(['handoff'], () => import('./handoff/panel-write')));

export default function LeadPanel({ conversationId }: { conversationId: string }) {
  useLocale();
  const { data: conversation } = useQuery(conversationQuery(conversationId));
  return conversation ? <Panel conversation={conversation} /> : null;
}

function Panel({ conversation }: { conversation: Conversation }) {
  const { contact, lead } = conversation;
  const pipeline = usePipeline(lead?.pipeline_id);
  const save = useSave(conversation);
  const mayWrite = useCan('conversations.write');
  const window = windowOf(conversation.window, useNow());
  return (
    <div className="flex flex-col divide-y divide-line">
      <header className="flex flex-col gap-3 p-4">
        <div className="flex items-center gap-3">
          <RingedFace id={contact.id} name={contact.display_name} window={conversation.window} size={52} />
          <div className="min-w-0">
            <h2 className="truncate text-16 font-semibold"><bdi>{nameOf(contact)}</bdi></h2>
            <p className="truncate text-12 text-ink-3">{contact.phone ? <Phone value={contact.phone} /> : contact.username && <Ltr>{`@${contact.username}`}</Ltr>}</p>
            {window.kind === 'open' && window.closing && <p className="flex items-center gap-1 text-12 font-semibold text-warn"><Hourglass size={13} aria-hidden /><Ltr className="tabular">{countdown(window.left)}</Ltr></p>}
          </div>
        </div>
        {lead ? (
          <div className="grid grid-cols-2 gap-2">
            <StatusMenu lead={lead} pipeline={pipeline} onPick={save.status} may={save.mayLead} />
            <Agent conversation={conversation} />
          </div>
        ) : <p className="text-13 text-ink-3">{t('lead.none')}</p>}
        <Suspense fallback={null}><PanelWrite conversation={conversation} /></Suspense>
        {mayWrite && <Link to="/import" search={{ channel: conversation.channel.id, contact: contact.id, lead: lead?.id }} className={`${buttonClass('ghost')} self-start`}><FileUp size={16} strokeWidth={1.75} aria-hidden />{t('thread.import')}</Link>}
      </header>
      {lead && (
        <Section title={t('lead.details')}>
          <Row label={t('lead.source')}><bdi>{[t(`source.${lead.source.kind}`), lead.source.detail].filter(Boolean).join(' · ')}</bdi></Row>
          <Row label={t('lead.amount')}>
            <Editable name={t('lead.amount')} kind="number" disabled={!save.mayLead} value={lead.amount_minor === null ? '' : String(lead.amount_minor / 100)} onSave={(value) => save.lead({ amount_minor: value ? Math.round(Number(value) * 100) : null })}>
              {lead.amount_minor !== null && <Ltr>{money(lead.amount_minor, lead.currency)}</Ltr>}
            </Editable>
          </Row>
          {pipeline?.fields.map((field) => <FieldRow key={field.key} field={field} lead={lead} disabled={!save.mayLead} onSave={(value) => save.lead({ fields: { [field.key]: value || null } })} />)}
          <Row label={t('lead.created')}><Ltr>{date(lead.created_at)}</Ltr></Row>
        </Section>
      )}
      <ContactSection contact={contact} may={save.mayContact} onSave={save.contact} />
      {lead && <OtherLeads contact={contact} except={lead.id} />}
      {lead && <Section title={t('lead.timeline')}><Timeline lead={lead} pipeline={pipeline} /></Section>}
    </div>
  );
}

function ContactSection({ contact, may, onSave }: { contact: Contact; may: boolean; onSave: (change: Omit<ContactChange, 'version'>) => Promise<void> }) {
  return (
    <Section title={t('lead.contact')}>
      <Row label={t('lead.name')}><Editable name={t('lead.name')} value={contact.name ?? ''} disabled={!may} onSave={(name) => onSave({ name: name || null })} /></Row>
      <Row label={t('lead.phone')}><Editable name={t('lead.phone')} kind="tel" value={contact.phone ? phone(contact.phone) : ''} disabled={!may} onSave={(value) => onSave({ phone: value || null })}>{contact.phone && <Phone value={contact.phone} />}</Editable></Row>
      <Row label={t('lead.email')}><Editable name={t('lead.email')} kind="email" value={contact.email ?? ''} disabled={!may} onSave={(email) => onSave({ email: email || null })}>{contact.email && <Ltr className="break-all">{contact.email}</Ltr>}</Editable></Row>
      {contact.profile_name && contact.profile_name !== contact.name && <Row label={t('lead.profile_name')}><bdi>{contact.profile_name}</bdi></Row>}
      {contact.username && <Row label={t('lead.username')}><Ltr>{`@${contact.username}`}</Ltr></Row>}
      <Row label={t('lead.marketing')}><span className={contact.marketing.state === 'opted_out' ? 'text-bad' : undefined}>{t(`lead.marketing_${contact.marketing.state}`)}</span></Row>
    </Section>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section aria-label={title} className="p-4">
      <h3 className="mb-2 text-12 font-semibold text-ink-2">{title}</h3>
      {children}
    </section>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="grid min-h-8 grid-cols-[104px_1fr] items-center gap-2 text-13">
      <span className="text-ink-3">{label}</span>
      <div className="min-w-0">{children}</div>
    </div>
  );
}

function FieldRow({ field, lead, disabled, onSave }: { field: PipelineField; lead: Lead; disabled: boolean; onSave: (value: string) => Promise<void> }) {
  const label = localised(field.label);
  const value = lead.fields[field.key] ?? '';
  const number = field.kind === 'number' && value && Number.isFinite(Number(value));
  return (
    <Row label={label}>
      <Editable name={label} kind={field.kind} options={field.options} value={value} disabled={disabled} onSave={onSave}>
        {value && (number ? <Ltr>{new Intl.NumberFormat('en').format(Number(value))}</Ltr> : field.kind === 'date' ? <Ltr>{date(`${value.slice(0, 10)}T12:00:00Z`)}</Ltr> : <bdi>{value}</bdi>)}
      </Editable>
    </Row>
  );
}

function StatusMenu({ lead, pipeline, onPick, may }: { lead: Lead; pipeline: Pipeline | undefined; onPick: (id: string) => Promise<void>; may: boolean }) {
  const status = pipeline?.statuses.find((item) => item.id === lead.status_id);
  const before = lead.status_id;
  const statuses = (pipeline?.statuses ?? []).toSorted((a, b) => a.position - b.position);
  const pick = (id: string, name: string) => {
    if (id === before) return;
    void onPick(id);
    toast(t('lead.status_toast', { name }), () => void onPick(before));
  };
  return (
    <div className="flex flex-col gap-1">
      <span aria-hidden className="text-12 text-ink-3">{t('lead.status')}</span>
      <MenuButton
        id="status-menu" label={`${t('lead.status')}: ${localised(status?.name)}`} disabled={!may} data-keys="S"
        groups={[{ entries: statuses.map((item) => ({ id: item.id, label: localised(item.name), lead: <span className={cx('size-2.5 rounded-full', pillTones[groupTone[item.group]], 'bg-current!')} />, selected: item.id === lead.status_id, onAction: () => pick(item.id, localised(item.name)) })) }]}
        className={cx('flex h-9 items-center justify-between gap-2 rounded-9 px-3 text-13 font-semibold max-small:h-11', pillTones[status ? groupTone[status.group] : 'grey'])}
      >
        <bdi className="truncate">{localised(status?.name)}</bdi><ChevronDown size={14} aria-hidden className="shrink-0" />
      </MenuButton>
    </div>
  );
}

function Agent({ conversation }: { conversation: Conversation }) {
  const agent = useUser(conversation.assignee_id);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <span aria-hidden className="text-12 text-ink-3">{t('lead.agent')}</span>
      <AssigneeMenu conversation={conversation} label={t('thread.assignee', { name: agent?.name ?? t('thread.nobody') })} className="flex h-9 w-full items-center gap-2 rounded-9 border border-control px-2 text-13 hover:border-ink-3 max-small:h-11">
        {agent ? <Face id={agent.id} name={agent.name} size={22} /> : <UserPlus size={16} strokeWidth={1.75} aria-hidden className="text-ink-3" />}
        <span className="min-w-0 flex-1 truncate"><bdi>{agent?.name ?? t('thread.nobody')}</bdi></span><ChevronDown size={14} aria-hidden className="shrink-0 text-ink-3" />
      </AssigneeMenu>
    </div>
  );
}

function OtherLeads({ contact, except }: { contact: Contact; except: string }) {
  const { data } = useInfiniteQuery({ ...leadsQuery({ contact_id: contact.id }), retry: false });
  const leads = (data?.pages.flatMap((page) => page.items) ?? []).filter((lead) => lead.contact_id === contact.id && lead.id !== except);
  if (!leads.length) return null;
  return <Section title={t('lead.others')}><ul className="flex flex-col">{leads.map((lead) => <OtherLead key={lead.id} lead={lead} />)}</ul></Section>;
}

function OtherLead({ lead }: { lead: Lead }) {
  const status = usePipeline(lead.pipeline_id)?.statuses.find((item) => item.id === lead.status_id);
  return (
    <li className="flex min-h-8 items-center gap-2 text-13">
      <Link to="/leads" search={{}} className="min-w-0 flex-1 truncate hover:underline"><bdi>{lead.title ?? t(`source.${lead.source.kind}`)}</bdi></Link>
      {status && <Pill small tone={groupTone[status.group]}>{localised(status.name)}</Pill>}
      <Ltr className="text-12 text-ink-3">{date(lead.created_at)}</Ltr>
    </li>
  );
}

/** The screen first. If someone else was quicker with another fact, ours goes on top of theirs; with the same one, theirs stands and we are told. */
function useSave(conversation: Conversation) {
  const client = useQueryClient();
  const me = useMe().user.id;
  const key = conversationQuery(conversation.id).queryKey;
  const current = () => client.getQueryData(key) ?? conversation;
  const leadSave = useMutation({ mutationFn: ({ id, change }: { id: string; change: LeadChange }) => updateLead(id, change) });
  const contactSave = useMutation({ mutationFn: ({ id, change }: { id: string; change: ContactChange }) => updateContact(id, change) });
  const put = (change: Partial<Conversation>) => patchConversation(client, conversation.id, change, me);
  const lead = async (change: Omit<LeadChange, 'version'>, before: Lead | null = current().lead): Promise<void> => {
    if (!before) return;
    const { fields, ...rest } = change;
    const merged = { ...before.fields, ...fields };
    const kept = Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null));
    put({ lead: { ...before, ...rest, fields: kept } });
    try {
      put({ lead: await leadSave.mutateAsync({ id: before.id, change: { ...change, version: before.version } }) });
      void client.invalidateQueries({ queryKey: ['timeline', before.id] });
    } catch (error) {
      const other = changedBy<Lead>(error);
      if (other && !meet(before, other, rest) && !meet(before.fields, other.fields, fields ?? {})) return lead(change, other);
      put({ lead: other ?? before });
      throw error;
    }
  };
  const status = (status_id: string) => lead({ status_id }).catch((error: unknown) =>
    report(conversation.id, error instanceof ApiProblem && changedBy(error) ? new ApiProblem({ ...error.problem, detail: t('error.changed') }) : error));
  const contact = async (change: Omit<ContactChange, 'version'>, before: Contact = current().contact): Promise<void> => {
    const name = change.name === undefined ? before.display_name : change.name || before.profile_name || before.phone || before.display_name;
    put({ contact: { ...before, ...change, display_name: name, phone: before.phone } });
    try {
      put({ contact: await contactSave.mutateAsync({ id: before.id, change: { ...change, version: before.version } }) });
    } catch (error) {
      const other = changedBy<Contact>(error);
      if (other && !meet(before, other, change)) return contact(change, other);
      put({ contact: other ?? before });
      throw error;
    }
  };
  const mayLead = useCan('leads.write');
  return { lead, status, contact, mayLead, mayContact: mayLead };
}

/** What stands there now, if someone else's change came first. */
function changedBy<Thing>(error: unknown): Thing | undefined {
  return error instanceof ApiProblem && error.code === 'changed_meanwhile' ? (error.problem.current as Thing | undefined) : undefined;
}

/** Whether the other change touched one of the facts that ours is about. */
function meet<Facts extends object>(before: Facts, other: Facts, change: object): boolean {
  return (Object.keys(change) as (keyof Facts)[]).some((name) => before[name] !== other[name]);
}
