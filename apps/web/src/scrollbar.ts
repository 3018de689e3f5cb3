/**
 * Keeps `--scrollbar` at the width that the page's scrollbar takes, 0 where it floats or is not needed. While a dialog
 * locks the page the scrollbar is gone, and app.css pads the body by that much, so that nothing moves.
 */
export function trackScrollbar(): void {
  const root = document.documentElement
  const measure = () => {
    if (document.querySelector('[data-modal][data-state="open"]')) return
    root.style.setProperty('--scrollbar', `${window.innerWidth - root.clientWidth}px`)
  }
  new ResizeObserver(measure).observe(root)
  measure()
}
