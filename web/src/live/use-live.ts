import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { NoConnection } from '@/api/client';
import { flushOutbox, onWaiting } from './outbox';
import { Applier } from './apply';
import { LiveStream } from './stream';

/** Mounted once, by the signed-in shell. */
export function useLive() {
  const client = useQueryClient();
  useEffect(() => {
    const applier = new Applier(client);
    const stream = new LiveStream(applier.take, (missed) => {
      if (missed) applier.everything();
      void flushOutbox(client);
    });
    stream.start();
    const watch = (event: { type: string; action?: { type: string; error?: unknown } }) => {
      if (event.type === 'updated' && event.action?.type === 'error' && event.action.error instanceof NoConnection) stream.suspect();
    };
    const ends = [client.getQueryCache().subscribe(watch), client.getMutationCache().subscribe(watch), onWaiting(stream.suspect)];
    return () => {
      for (const end of ends) end();
      stream.stop();
    };
  }, [client]);
}
