import { Check } from 'lucide-react';
import type { RefObject } from 'react';
import { Header } from 'react-aria-components/Header';
import { Menu, MenuItem, MenuSection } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { cx } from '@/lib/cx';
import { Aria } from './aria';
import type { MenuGroup } from './menu';

type Placement = 'bottom start' | 'bottom end' | 'top start' | 'top end' | 'end bottom';
interface Props { label: string; groups: MenuGroup[]; trigger: RefObject<HTMLElement | null>; placement: Placement; onClose: () => void }

export default function MenuPopover({ label, groups, trigger, placement, onClose }: Props) {
  return (
    <Aria>
      <Popover
        isOpen aria-label={label} triggerRef={trigger} placement={placement} offset={6} onOpenChange={(open) => !open && onClose()}
        className="animate-pop max-h-[min(26rem,70vh)] min-w-48 overflow-auto rounded-12 border border-line-2 bg-raised p-1 shadow-e2"
      >
        <Menu aria-label={label} autoFocus="first" onClose={onClose} className="outline-none">
          {groups.filter((group) => group.entries.length).map((group, i) => (
            <MenuSection key={group.title ?? i} aria-label={group.title ?? label} className={i ? 'mt-1 border-t border-line pt-1' : undefined}>
              {group.title && <Header className="px-2.5 pt-1.5 pb-1 text-12 text-ink-3">{group.title}</Header>}
              {group.entries.map((entry) => (
                <MenuItem
                  key={entry.id} id={`${i}-${entry.id}`} textValue={entry.label} isDisabled={entry.disabled} onAction={entry.onAction}
                  className={({ isFocused }) => cx('flex min-h-[34px] items-center gap-2.5 rounded-9 px-2.5 py-1.5 text-13 outline-none max-small:min-h-11', isFocused && 'bg-hover', entry.danger ? 'text-bad' : 'text-ink', entry.disabled && 'text-ink-3')}
                >
                  {entry.lead ?? (entry.icon && <entry.icon size={16} strokeWidth={1.75} aria-hidden className={cx('shrink-0 text-ink-2', entry.mirror && 'mirror')} />)}
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{entry.label}</span>
                    {entry.hint && <span className="block text-12 text-ink-3">{entry.hint}</span>}
                  </span>
                  {entry.selected && <Check size={16} aria-hidden className="text-brand" />}
                </MenuItem>
              ))}
            </MenuSection>
          ))}
        </Menu>
      </Popover>
    </Aria>
  );
}
