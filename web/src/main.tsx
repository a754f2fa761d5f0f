import '@/styles/index.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient, isSignedOut } from '@/api/query-client';
import { startLocale } from '@/i18n';
import { router } from '@/routes/router';

// The session may end while a page is open: then the next refusal leads to the sign-in page.
queryClient.getQueryCache().subscribe((event) => {
  if (event.type === 'updated' && event.action.type === 'error' && isSignedOut(event.action.error) && event.query.queryKey[0] !== 'session') {
    queryClient.removeQueries({ queryKey: ['session'] });
    void router.invalidate();
  }
});

const root = document.getElementById('root');
if (!root) throw new Error('no #root');
if (location.pathname.startsWith('/inbox') || location.pathname === '/') void import('@/routes/inbox');
void startLocale().then(() => {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
});
