import type he from './he';
import type channels from './he-channels';
import type handoff from './he-handoff';
import type imports from './he-import';
import type mailing from './he-mailing';
import type more from './he-more';
import type thread from './he-thread';

export type CoreKey = keyof typeof he;
export type MoreKey = keyof typeof more;
export type ThreadKey = keyof typeof thread;
export type ChannelsKey = keyof typeof channels;
export type HandoffKey = keyof typeof handoff;
export type MailingKey = keyof typeof mailing;
export type ImportKey = keyof typeof imports;
export type Key = CoreKey | MoreKey | ThreadKey | ChannelsKey | HandoffKey | MailingKey | ImportKey;
