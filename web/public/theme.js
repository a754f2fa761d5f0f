/* Theme, language and density before the first paint. Blocking and tiny on purpose. */
(function () {
  var root = document.documentElement, saved = {};
  try { saved = JSON.parse(localStorage.getItem('kesher.prefs') || '{}') || {}; } catch (e) { saved = {}; }
  var locale = saved.locale === 'en' || saved.locale === 'he'
    ? saved.locale : /^(he|iw)\b/.test(navigator.language) || !/^en\b/.test(navigator.language) ? 'he' : 'en';
  var dark = saved.theme === 'dark' || (saved.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.lang = locale;
  root.dir = locale === 'he' ? 'rtl' : 'ltr';
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.density = saved.density === 'compact' ? 'compact' : 'comfortable';
})();
