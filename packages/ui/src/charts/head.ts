import { fitText } from './text-width'

const HEAD_FONT = 12
/** A name may have two hundred characters; beside it the figures and their bars need room. */
const HEAD_WIDTH_MAX = 140

/** The head of a column from the name of a metric or tag: `checkout.completed` is "Checkout completed". */
export function headOf(name: string, fallback: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[._:/\s-]+/g, ' ')
    .trim()
    .toLowerCase()
  const [first = ''] = words
  return first === '' ? fallback : fitText(first.toUpperCase() + words.slice(first.length), HEAD_FONT, HEAD_WIDTH_MAX)
}
