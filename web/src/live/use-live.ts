import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { flushOutbox } from './outbox';
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
    return () => stream.stop();
  }, [client]);
}
