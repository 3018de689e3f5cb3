interface OutsideEvent {
  target: EventTarget | null
  preventDefault: () => void
}

/** A toast floats above every layer: a click on its "Undo" must not count as a click outside, which would close the layer. */
export function keepOpenForToasts(event: OutsideEvent): void {
  if (event.target instanceof Element && event.target.closest('[data-toaster]')) event.preventDefault()
}
