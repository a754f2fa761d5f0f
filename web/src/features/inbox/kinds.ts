import { BadgeCheck, Ban, BookUser, FileQuestion, FileText, Film, Image, LayoutTemplate, ListChecks, type LucideIcon, MapPin, MessageSquare, Mic, Music, PhoneCall, ShoppingCart, Smile, SquareMousePointer } from 'lucide-react';
import type { Content } from '@/api/types';
import { type Key, t } from '@/i18n';

const icons: Record<string, LucideIcon> = {
  image: Image, video: Film, audio: Music, voice: Mic, document: FileText, sticker: Smile, location: MapPin, contacts: BookUser, interactive: SquareMousePointer,
  template: LayoutTemplate, order: ShoppingCart, form_reply: ListChecks, call_permission_reply: PhoneCall, unsupported: Ban, unknown: FileQuestion, button_reply: BadgeCheck, list_reply: BadgeCheck,
};
const named = new Set(['image', 'video', 'audio', 'voice', 'document', 'sticker', 'location', 'contacts', 'interactive', 'template', 'order', 'form_reply', 'call_permission_reply', 'unsupported', 'unknown', 'text', 'media', 'button_reply', 'list_reply']);

export const kindIcon = (kind: string): LucideIcon | undefined => icons[kind];
export const kindName = (kind: string): string => t((named.has(kind) ? `kind.${kind}` : 'kind.unknown') as Key);
export const fallbackIcon = MessageSquare;

export function kindOf(content: Content): string {
  if (content.kind !== 'media') return content.kind;
  return content.voice ? 'voice' : content.media_kind;
}

/** What a message says, as one line. */
export function lineOf(content: Content): string {
  switch (content.kind) {
    case 'text': return content.text;
    case 'media': return content.caption || content.filename || kindName(kindOf(content));
    case 'template': return content.rendered?.body ?? content.name;
    case 'interactive': return content.body;
    case 'button_reply': case 'list_reply': return content.title;
    case 'location': return content.name ?? content.address ?? kindName('location');
    case 'contacts': return content.cards.map((card) => card.formatted_name ?? card.first_name ?? '').join(', ');
    default: return kindName(content.kind);
  }
}
