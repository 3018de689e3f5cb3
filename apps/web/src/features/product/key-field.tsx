import { BareIconButton } from '@trackable/ui/bare-icon-button'
import { CopyButton } from '@trackable/ui/copy-button'
import { Eye, EyeOff, TriangleAlert } from 'lucide-react'
import { useState } from 'react'

/** A key in its one moment: readable, copyable, and said to be gone afterwards. */
export function KeyField({ text }: { text: string }) {
  const [isShown, setIsShown] = useState(true)
  return (
    <div className="@container min-w-0">
      <div className="flex flex-col gap-2 @lg:flex-row">
        <div className="flex h-9 min-w-0 flex-none items-center gap-2 rounded-control border border-line-strong bg-sunken pr-1.5 pl-3 @lg:flex-1">
          <code className="min-w-0 flex-1 truncate text-13">
            {isShown ? text : `${text.slice(0, 9)}${'•'.repeat(16)}`}
          </code>
          <BareIconButton
            label={isShown ? 'Hide the key' : 'Show the key'}
            size={24}
            onClick={() => setIsShown(!isShown)}
          >
            {isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          </BareIconButton>
        </div>
        <CopyButton text={text} label="Copy key" size={36} />
      </div>
      <p className="mt-2.5 flex items-start gap-1.5 text-13 text-warn leading-5">
        <TriangleAlert aria-hidden className="mt-0.5 size-[15px] flex-none" />
        You see this key only now. Trackable keeps a hash of it, so store it before you leave the page.
      </p>
    </div>
  )
}
