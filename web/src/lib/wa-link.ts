/** Where a text opens: as the device decides, in WhatsApp Web, or in the desktop app. */
export type Where = 'device' | 'web' | 'app';
export const wheres: Where[] = ['device', 'web', 'app'];

const KEY = 'kesher.wa';
export function chosenWhere(): Where {
  const saved = localStorage.getItem(KEY);
  return wheres.find((where) => where === saved) ?? 'device';
}
export const chooseWhere = (where: Where) => localStorage.setItem(KEY, where);

/** A `wa.me` link of the server's as the same link for another place. What is encoded stays as it is. */
export function waLink(url: string, where: Where): string {
  const parts = /^https:\/\/wa\.me\/(\d+)(?:\?text=(.*))?$/.exec(url);
  if (!parts || where === 'device') return url;
  const query = `send?phone=${parts[1]}${parts[2] ? `&text=${parts[2]}` : ''}`;
  return where === 'web' ? `https://web.whatsapp.com/${query}` : `whatsapp://${query}`;
}

/** Beyond this a browser or a phone may cut the link; a Hebrew letter takes six of these. */
const MOST = 1900;
export const isLongForLink = (text: string) => encodeURIComponent(text).length > MOST;
