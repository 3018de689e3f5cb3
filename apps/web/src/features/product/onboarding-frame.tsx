import { Avatar } from '@trackable/ui/avatar'
import { Button } from '@trackable/ui/button'
import { Logo } from '@trackable/ui/logo'
import { Stepper } from '@trackable/ui/stepper'
import { TooltipProvider } from '@trackable/ui/tooltip'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { useUser } from '../shell/current'
import { useTitle } from '../shell/use-title'

const STEPS = ['Name the product', 'Send a point', 'Pick a dashboard']

/** The bar with the three steps, above the content of one. */
export function OnboardingFrame({
  step,
  title,
  laterTo,
  children,
}: {
  step: 0 | 1 | 2
  title: string
  /** Where "Finish later" goes; none while there is nowhere to go. */
  laterTo?: string
  children: ReactNode
}) {
  const user = useUser()
  useTitle(title)
  return (
    <TooltipProvider>
      <header className="grid min-h-15 grid-cols-[1fr_auto_1fr] items-center gap-x-4 border-line border-b bg-card px-gutter max-laptop:grid-cols-[1fr_auto]">
        <Link to={paths.home()} aria-label="Trackable, start page">
          <Logo size={22} />
        </Link>
        <div className="max-laptop:order-last max-laptop:col-span-2 max-laptop:pb-3">
          <Stepper
            steps={STEPS}
            current={step}
            label="First steps"
            className="max-phone:gap-x-7 max-phone:[&_li:not([aria-current])]:text-[0px]"
          />
        </div>
        <div className="flex items-center justify-end gap-2 max-laptop:py-3">
          {laterTo ? (
            <Button asChild variant="ghost">
              <Link to={laterTo}>Finish later</Link>
            </Button>
          ) : null}
          <Avatar id={user.id} name={user.name} size={28} />
        </div>
      </header>
      {children}
    </TooltipProvider>
  )
}
