import { Logo } from '@trackable/ui/logo'
import type { ReactNode } from 'react'
import { useTitle } from '../shell/use-title'

/** The card that the pages before signing in share. */
export function AuthFrame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useTitle(title)
  return (
    <div className="grid min-h-dvh grid-rows-[1fr_auto] justify-items-center px-gutter">
      <main className="w-full max-w-100 self-center py-10">
        <div className="rounded-card border border-line bg-card p-8 max-phone:p-6">
          <Logo />
          <h1 className="mt-6 font-semibold text-20 leading-7 tracking-[-0.017em]">{title}</h1>
          {lead ? <p className="text-13 text-muted">{lead}</p> : null}
          {children}
        </div>
      </main>
      <footer className="pb-6 text-12 text-muted">{window.location.host}</footer>
    </div>
  )
}
