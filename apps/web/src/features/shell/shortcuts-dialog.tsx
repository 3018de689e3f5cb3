import { Dialog, DialogBody, DialogContent } from '@trackable/ui/dialog'
import { Kbd } from '@trackable/ui/kbd'
import { useShortcutGroups } from './shortcut-help'

/** Every key that works on this page. */
export default function ShortcutsDialog(props: { open: boolean; onOpenChange: (isOpen: boolean) => void }) {
  const groups = useShortcutGroups()
  return (
    <Dialog {...props}>
      <DialogContent title="Keyboard shortcuts" width={520}>
        <DialogBody>
          {groups.map((group) => (
            <section key={group.title} aria-label={group.title}>
              <h3 className="mb-1 font-medium text-12 text-muted">{group.title}</h3>
              <dl>
                {group.shortcuts.map(({ keys, label }) => (
                  <div key={label} className="flex h-8 items-center justify-between border-line border-b last:border-0">
                    <dt className="text-13">{label}</dt>
                    <dd className="flex gap-1">
                      {keys.map((key) => (
                        <Kbd key={key}>{key}</Kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </DialogBody>
      </DialogContent>
    </Dialog>
  )
}
