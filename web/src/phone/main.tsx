import '@/styles/index.css';

document.title = 'Kesher';
