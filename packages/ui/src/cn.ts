import { type ClassValue, clsx } from 'clsx'
import { extendTailwindMerge } from 'tailwind-merge'

/** The names that theme.css adds; without them a later `text-13` would be taken for a colour and not replace `text-14`. */
const merge = extendTailwindMerge({
  extend: {
    theme: {
      text: ['12', '13', '14', '16', '20', '28', '40'],
      radius: ['control', 'card'],
      shadow: ['menu', 'dialog'],
      spacing: ['gutter', 'rail'],
    },
    classGroups: { duration: ['duration-fast', 'duration-slow'] },
  },
})

/** Joins class names; of two Tailwind classes that set the same property the later one stays. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes))
}
