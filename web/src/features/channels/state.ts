import { BadgeCheck, type LucideIcon, QrCode, Smartphone } from 'lucide-react';
import type { Channel } from '@/api/types';
import type { PillTone } from '@/components/pill';
import { formatNumber, type Key, t } from '@/i18n';

export const levels: Record<Channel['level'], { icon: LucideIcon; colour: string }> = {
  business_api: { icon: BadgeCheck, colour: 'bg-brand-soft text-brand-ink' }, business_app: { icon: QrCode, colour: 'bg-warn-soft text-warn' }, personal_app: { icon: Smartphone, colour: 'bg-plum-soft text-plum' },
};
const healths: Record<Channel['health']['state'], PillTone> = { ok: 'ok', warning: 'warn', disconnected: 'bad', unknown: 'grey' };

export const isGateway = ({ link }: Pick<Channel, 'link'>) => link === 'gateway_one_way' || link === 'gateway_two_way';

/** One word for how it is with a number: of its link where it has one, else of its health. */
export function stateOf(channel: Channel): { tone: PillTone; words: string } {
  const { health, linking } = channel;
  if (channel.link === 'none') return { tone: 'grey', words: t('link_state.by_hand') };
  if (linking && linking.state !== 'linked' && linking.state !== 'unknown') return { tone: linking.state === 'banned' || linking.state === 'unlinked' ? 'bad' : 'warn', words: t(`link_state.${linking.state}`) };
  return { tone: healths[health.state], words: t(`channels.health_${health.state}`) };
}

const names: Record<string, string> = { meta: 'Meta', waha: 'WAHA', evolution: 'Evolution API', green_api: 'Green API', wuzapi: 'wuzapi', '360dialog': '360dialog', twilio: 'Twilio', vonage: 'Vonage', gupshup: 'Gupshup', infobip: 'Infobip' };
export const providerName = (provider: string) => (provider === 'none' ? t('channels.own_app') : names[provider] ?? provider);

/** A gap as a person says it: seconds up to a minute and a half, then minutes. */
export const gapWords = (seconds: number) => (seconds < 90 ? t('today.seconds', { n: seconds }) : t('today.minutes', { n: Math.round(seconds / 60) }));

/** `TIER_10K` is a number of conversations in a day. */
export function tierWords(tier: string): string {
  const bare = tier.replace(/^TIER_/, '');
  return /^\d+$/.test(bare) ? formatNumber(Number(bare)) : bare;
}

const qualities = new Set(['green', 'yellow', 'red']);
export const qualityName = (quality: string) => (qualities.has(quality.toLowerCase()) ? t(`quality.${quality.toLowerCase()}` as Key) : quality);
export const qualityColour = (quality: string) => ({ green: 'text-ok', yellow: 'text-warn', red: 'text-bad' })[quality.toLowerCase()];
