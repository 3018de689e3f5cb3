import { useMutation } from '@tanstack/react-query'
import { Avatar } from '@trackable/ui/avatar'
import { cn } from '@trackable/ui/cn'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@trackable/ui/dropdown-menu'
import { toast } from '@trackable/ui/toast'
import { BookOpen, Keyboard, LogOut, UserRound } from 'lucide-react'
import { use } from 'react'
import { useNavigate } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { setTheme, type Theme, useTheme } from '../../theme'
import { useTRPC } from '../../trpc'
import { useProduct, useUser } from './current'
import { RailContext } from './rail-context'

/** Who is signed in; theme, keys, profile, sign out. */
export function UserMenu({ isSlim = false }: { isSlim?: boolean }) {
  const user = useUser()
  const product = useProduct()
  const theme = useTheme()
  const navigate = useNavigate()
  const { openShortcuts } = use(RailContext)
  const signOut = useSignOut()
  return (
    <DropdownMenu>
      <DropdownMenuTrigger>
        <button
          type="button"
          className={cn(
            'flex h-8 min-w-0 flex-1 items-center gap-2 rounded-control px-2 font-medium text-13 text-soft hover:bg-hover data-[state=open]:bg-hover touch:h-11',
            isSlim && 'flex-none',
          )}
        >
          <Avatar id={user.id} name={user.name} size={22} decorative />
          <span className="sr-only">Account of {isSlim ? user.name : ''}</span>
          {isSlim ? null : <span className="truncate">{user.name}</span>}
        </button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" side="top" className="w-56">
        <DropdownMenuLabel>
          <span className="block truncate">{user.email}</span>
        </DropdownMenuLabel>
        <DropdownMenuItem icon={<UserRound aria-hidden />} onSelect={() => navigate(paths.profile(product.id))}>
          Profile
        </DropdownMenuItem>
        <DropdownMenuItem icon={<Keyboard aria-hidden />} shortcut="?" onSelect={openShortcuts}>
          Keyboard shortcuts
        </DropdownMenuItem>
        <DropdownMenuItem asChild>
          <a href={paths.apiDocs()} target="_blank" rel="noreferrer">
            <BookOpen aria-hidden />
            API reference
          </a>
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Theme</DropdownMenuLabel>
        <DropdownMenuRadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
          <DropdownMenuRadioItem value="system">As the system</DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="light">Light</DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="dark">Dark</DropdownMenuRadioItem>
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        <DropdownMenuItem icon={<LogOut aria-hidden />} onSelect={() => signOut.mutate()}>
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

/** A full load of the sign-in page empties every cache of the one who left. */
export function useSignOut() {
  const trpc = useTRPC()
  return useMutation(
    trpc.auth.logout.mutationOptions({
      onSuccess: () => window.location.assign(paths.login()),
      onError: (error) => toast.bad(`You are still signed in. ${toProblem(error).message}`),
    }),
  )
}
