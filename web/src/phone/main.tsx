import '@/styles/index.css';
import './phone.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startPhoneLocale } from './i18n';
import { queryClient } from './model/queries';
import { Page } from './page';

const root = document.getElementById('root');
if (!root) throw new Error('no #root');
void startPhoneLocale().then(() => {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Page />
      </QueryClientProvider>
    </StrictMode>,
  );
});
