import { ChevronDown, ZapOff } from 'lucide-react';
import { useState } from 'react';
import { MenuButton } from '@/components/menu';
import { useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { type PhoneKey, p, spoken } from '../i18n';
import { api } from '../model/api';
import { errorWords } from '../model/errors';
import { keys, queryClient, usePresets, useWorld } from '../model/queries';
import type { Preset } from '../model/types';
import { Part } from './part';

const known = ['slow_answers', 'duplicate_webhooks', 'reversed_order', 'lost_answer', 'rate_error', 'template_paused'];
const chances = [0.1, 0.2, 0.5, 1];
const delays = [1000, 3000, 10_000];

export function FaultsPart() {
  useLocale();
  const presets = usePresets().data ?? [];
  const [error, setError] = useState<string | null>(null);
  const on = presets.filter((preset) => preset.on).length;
  const set = async (preset: Preset) => {
    queryClient.setQueryData<Preset[]>(keys.presets, (all) => all?.map((other) => (other.name === preset.name ? preset : other)));
    try {
      queryClient.setQueryData(keys.presets, await api.setPreset(preset.name, preset.on, preset.on ? preset.params : undefined));
      setError(null);
    } catch (problem) {
      setError(errorWords(problem));
      void queryClient.invalidateQueries({ queryKey: keys.presets });
    }
  };
  return (
    <Part icon={ZapOff} title={p('faults.title')} hint={p('faults.active', { n: on })}>
      <ul className="flex flex-col">
        {presets.map((preset) => (
          <li key={preset.name} className="flex min-h-[29px] items-center gap-3 max-small:min-h-11">
            <Toggle id={`fault-${preset.name}`} on={preset.on} onChange={(on) => void set({ ...preset, on })} label={nameOf(preset, 'name')} hint={nameOf(preset, 'hint')} />
            <Param preset={preset} onChange={(params) => void set({ ...preset, on: true, params })} />
          </li>
        ))}
      </ul>
      {error && <p role="alert" className="text-12 text-bad">{error}</p>}
    </Part>
  );
}

function nameOf(preset: Preset, part: 'name' | 'hint'): string {
  if (!known.includes(preset.name)) return part === 'name' ? preset.name : '';
  return p(`fault_${part}.${preset.name}` as PhoneKey);
}

/** The switch stands before its words, as in a list of settings of a phone. */
function Toggle({ id, on, onChange, label, hint }: { id: string; on: boolean; onChange: (on: boolean) => void; label: string; hint: string }) {
  return (
    <label htmlFor={id} className="relative flex min-w-0 flex-1 items-center gap-3">
      <input id={id} type="checkbox" role="switch" aria-checked={on} aria-label={label} checked={on} onChange={(event) => onChange(event.target.checked)} className="peer absolute inset-0 z-1 m-0 size-full opacity-0" />
      <span aria-hidden className="relative h-5 w-9 shrink-0 rounded-full bg-control transition-colors duration-160 peer-checked:bg-brand peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-brand after:absolute after:start-0.5 after:top-0.5 after:size-4 after:rounded-full after:bg-surface after:transition-all peer-checked:after:start-[18px]" />
      <span className="min-w-0 flex-1 py-0.5 text-13"><b className="font-medium">{label}</b> <span className="text-12 text-ink-3">{hint}</span></span>
    </label>
  );
}

const percent = (share: number) => `${Math.round(share * 100)}%`;

function Param({ preset, onChange }: { preset: Preset; onChange: (params: Record<string, unknown>) => void }) {
  const templates = useWorld().data?.templates ?? [];
  const { delay_ms: delay, probability, template } = preset.params;
  const options =
    typeof delay === 'number' ? delays.map((ms) => ({ id: `${ms}`, label: p('faults.seconds', { n: ms / 1000 }), selected: ms === delay, params: { ...preset.params, delay_ms: ms } }))
    : typeof probability === 'number' ? chances.map((share) => ({ id: `${share}`, label: percent(share), selected: share === probability, params: { ...preset.params, probability: share } }))
    : preset.name === 'template_paused' ? [
        { id: 'all', label: p('faults.all_templates'), selected: !template, params: {} },
        ...[...new Set(templates.map((item) => item.name))].map((name) => ({ id: name, label: name, selected: template === name, params: { template: name } })),
      ]
    : [];
  if (!preset.on || options.length === 0) return null;
  const value = typeof delay === 'number' ? p('faults.seconds', { n: delay / 1000 }) : typeof probability === 'number' ? percent(probability) : typeof template === 'string' && template ? template : p('faults.all_templates');
  return (
    <MenuButton
      label={spoken('faults.param', { name: nameOf(preset, 'name'), value })} placement="bottom end"
      groups={[{ entries: options.map(({ params, ...option }) => ({ ...option, onAction: () => onChange(params) })) }]}
      className={cx('inline-flex h-6 max-w-32 shrink-0 items-center gap-1 rounded-full bg-warn-soft px-2.5 text-12 font-medium text-warn hover:brightness-97')}
    >
      <bdi className="truncate">{value}</bdi><ChevronDown size={12} aria-hidden className="shrink-0" />
    </MenuButton>
  );
}
