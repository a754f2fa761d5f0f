import { ImportPage } from '@/features/import/import';

export default ImportPage;
