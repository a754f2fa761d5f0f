import { Phone } from '@/components/bdi';

/** A contact without a name is called by their number, written as people write it. */
export function Name({ of, className }: { of: string; className?: string }) {
  return /^\+\d+$/.test(of) ? <Phone value={of} className={className} /> : <bdi className={className}>{of}</bdi>;
}
