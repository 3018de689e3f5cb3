import { useEffect } from 'react'

/** Names the tab: the page first, because tabs are cut at the end. */
export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter((part) => part !== undefined && part !== ''), 'Trackable'].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
