import { Avatar } from '@trackable/ui/avatar'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { SegmentedControl } from '@trackable/ui/segmented-control'
import { LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { setTheme, type Theme, useTheme } from '../../theme'
import { useUser } from '../shell/current'
import { useTitle } from '../shell/use-title'
import { useSignOut } from '../shell/user-menu'

const THEMES: { value: Theme; label: string; icon: typeof Sun }[] = [
  { value: 'system', label: 'System', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
]

/** Who one is here, how it looks, and the way out. */
export default function ProfilePage() {
  const user = useUser()
  const theme = useTheme()
  const signOut = useSignOut()
  useTitle('Profile', 'Settings')
  return (
    <div className="grid max-w-160 gap-4">
      <div>
        <h2 className="font-semibold text-16 leading-6 tracking-[-0.011em]">Profile</h2>
        <p className="text-13 text-muted">Your account on this server.</p>
      </div>
      <Card className="flex flex-wrap items-center gap-4 p-6">
        <Avatar id={user.id} name={user.name} size={40} decorative />
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{user.name}</p>
          <p className="truncate text-13 text-muted">{user.email}</p>
        </div>
        <Button icon={<LogOut aria-hidden />} busy={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </Button>
      </Card>
      <Card className="flex flex-wrap items-center justify-between gap-3 p-6">
        <div>
          <h3 className="font-medium text-13">Theme</h3>
          <p className="text-13 text-muted">Kept in this browser.</p>
        </div>
        <SegmentedControl
          label="Theme"
          value={theme}
          onValueChange={setTheme}
          options={THEMES.map(({ icon: Icon, ...option }) => ({ ...option, icon: <Icon aria-hidden /> }))}
        />
      </Card>
    </div>
  )
}
