import { IconButton } from '@trackable/ui/icon-button'
import { PageHeader } from '@trackable/ui/page-header'
import { Menu } from 'lucide-react'
import { type ReactNode, use } from 'react'
import { RailContext } from './rail-context'
import { useTitle } from './use-title'

export interface PageProps {
  title: string
  /** Beside the title, such as the live badge. */
  badge?: ReactNode
  /** One line: what this belongs to, and the zone its days are cut in. */
  context?: ReactNode
  /** Buttons on the right, the primary one last. */
  actions?: ReactNode
  /** Stands in the head instead of the title, such as an input that renames it. */
  heading?: ReactNode
  children: ReactNode
}

/** The frame of every page in the shell: names the tab, draws the head (with the menu button on phones), holds the content. */
export function Page({ title, badge, context, actions, heading, children }: PageProps) {
  const rail = use(RailContext)
  useTitle(title)
  return (
    <main id="main" tabIndex={-1} className="min-w-0 px-gutter pb-6 outline-none">
      <div className="-mx-gutter flex items-center gap-1 px-gutter max-phone:mb-4 max-phone:border-line max-phone:border-b max-phone:pl-2">
        <span className="phone:hidden">
          <IconButton label="Open the menu" tooltip={false} size={40} onClick={rail.openSheet}>
            <Menu aria-hidden />
          </IconButton>
        </span>
        <PageHeader
          title={heading ?? title}
          badge={badge}
          context={context}
          className="min-w-0 flex-1 max-phone:min-h-13 max-phone:flex-nowrap max-phone:py-1 max-phone:[&_h1+*]:flex-none max-phone:[&_p]:hidden"
        >
          {actions}
        </PageHeader>
      </div>
      {children}
    </main>
  )
}
