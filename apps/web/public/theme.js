// Runs before the first paint. The key is written by src/theme.ts; without it the system decides.
try {
  const theme = localStorage.getItem('trackable.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is blocked: the system's theme stands.
}
