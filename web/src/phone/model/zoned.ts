import { now } from '@/lib/clock';
import { date } from '@/lib/format';

const DAY = 86_400_000;

/** The next instant at which the business's wall clock shows this hour on the day after today. */
export function tomorrowAt(hour: number, wallTime: (at: number) => string): number {
  const tomorrow = date(now() + DAY);
  const [day, month, year] = tomorrow.split('.').map(Number);
  let at = Date.UTC(year ?? 1970, (month ?? 1) - 1, day ?? 1, hour);
  // The zone's offset is read off its own clock; a second pass settles a night when it changes.
  for (let pass = 0; pass < 2; pass++) {
    const [h, m] = wallTime(at).split(':').map(Number);
    let ahead = (h ?? 0) * 60 + (m ?? 0) - hour * 60;
    if (ahead > 720) ahead -= 1440;
    if (ahead < -720) ahead += 1440;
    at -= ahead * 60_000;
  }
  return at;
}
