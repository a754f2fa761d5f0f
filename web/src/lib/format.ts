import { formatNumber, locale, t } from '@/i18n';
import { now } from './clock';

let zone = 'Asia/Jerusalem';
export function setTimeZone(name: string) {
  zone = name;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale()} ${zone} ${name}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale() === 'he' ? 'he-IL' : 'en-GB', { ...options, timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

const ms = (at: string | number) => (typeof at === 'number' ? at : Date.parse(at));

export function time(at: string | number): string {
  return format('time', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms(at));
}

/** `22.11.2026`: Intl's own Hebrew form drops the zeros and hides bidi marks. */
export function date(at: string | number): string {
  const parts = format('date', { day: '2-digit', month: '2-digit', year: 'numeric' }).formatToParts(ms(at));
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('day')}.${of('month')}.${of('year')}`;
}

export function shortDate(at: string | number): string {
  const day = date(at);
  return day.slice(6) === date(now()).slice(6) ? day.slice(0, 5).replace(/^0/, '') : day;
}

/** Days between two instants as the calendar of the business counts them. */
export function daysAgo(at: string | number): number {
  const day = (instant: number) => {
    const [d, m, y] = date(instant).split('.').map(Number);
    return Date.UTC(y ?? 0, (m ?? 1) - 1, d ?? 1) / 86_400_000;
  };
  return day(now()) - day(ms(at));
}

export function weekday(at: string | number): string {
  if (locale() === 'he') return format('weekday', { weekday: 'short' }).format(ms(at)).replace("'", '׳');
  return format('weekday', { weekday: 'short' }).format(ms(at));
}

/** For a list: time today, a word for yesterday, the weekday within a week, then the date. */
export function listTime(at: string): string {
  const days = daysAgo(at);
  if (days <= 0) return time(at);
  if (days === 1) return t('time.yesterday');
  return days < 7 ? weekday(at) : shortDate(at);
}

export function dayName(at: string): string {
  const days = daysAgo(at);
  if (days === 0) return t('time.today');
  if (days === 1) return t('time.yesterday');
  return days > 300 ? date(at) : longDate(at);
}

export function longDate(at: string | number): string {
  return format('long', { weekday: 'long', day: 'numeric', month: 'long' }).format(ms(at));
}

export function dateTime(at: string): string {
  return `${date(at)} ${time(at)}`;
}

/** "today 18:24", "tomorrow 14:31", "Sun 09:00", for a moment to come or gone by. */
export function moment(at: string): string {
  const days = daysAgo(at);
  if (days === 0) return time(at);
  if (days === -1) return t('time.tomorrow_at', { time: time(at) });
  if (days === 1) return t('time.yesterday_at', { time: time(at) });
  return t('time.date_at', { date: shortDate(at), time: time(at) });
}

/** `3:42` hours and minutes; under a quarter of an hour, minutes alone. */
export function countdown(left: number): string {
  const minutes = Math.max(0, Math.floor(left / 60_000));
  return minutes < 15 ? `${minutes}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

export function ago(at: string): string {
  const minutes = Math.max(0, Math.floor((now() - Date.parse(at)) / 60_000));
  if (minutes < 1) return t('time.now');
  if (minutes < 60) return t('time.minutes_ago', { n: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? t('time.hours_ago', { n: hours }) : t('time.days_ago', { n: Math.floor(hours / 24) });
}

/** Israeli numbers as people write them, others with their country code. */
export function phone(e164: string | null | undefined): string {
  if (!e164) return '';
  const digits = e164.replace(/^\+/, '');
  if (digits.startsWith('972')) {
    const local = `0${digits.slice(3)}`;
    const area = /^0(5\d|7\d)/.test(local) ? 3 : 2;
    return `${local.slice(0, area)}-${local.slice(area, area + 3)}-${local.slice(area + 3)}`;
  }
  return `+${digits.replace(/^(\d{1,3})(\d{3})(\d+)$/, '$1 $2 $3')}`;
}

export function money(minor: number, currency: string | null): string {
  const whole = minor / 100;
  const number = Number.isInteger(whole) ? formatNumber(whole) : `${formatNumber(Math.trunc(whole))}${whole.toFixed(2).slice(-3)}`;
  return currency === 'ILS' || !currency ? `₪${number}` : `${number} ${currency}`;
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1_000_000) return `${Math.round(size / 1000)} kB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}

/** A long file name keeps its ending: `הצעת…משכנתא.pdf`. */
export function fileName(name: string, most = 34): string {
  if (name.length <= most) return name;
  const tail = 14;
  return `${name.slice(0, most - tail)}…${name.slice(-tail)}`;
}
