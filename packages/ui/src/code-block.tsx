import { Tabs } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { cn } from './cn'
import { CopyButton } from './copy-button'
import { type CodeLanguage, type CodeTokenKind, highlight } from './highlight'
import { Tab } from './tabs'

export interface CodeSample {
  id: string
  label: string
  code: string
  lang?: CodeLanguage
  /** What "Copy" takes when it differs from what is shown, such as a key that is masked on screen. */
  copyText?: string
}

export interface CodeBlockProps {
  samples: readonly CodeSample[]
  /** The chosen sample, when the page remembers it. */
  value?: string
  onValueChange?: (id: string) => void
  /** Below the code: the answer to expect. */
  footer?: ReactNode
  label?: string
  className?: string
}

const COLORS: Record<CodeTokenKind, string> = {
  plain: '',
  string: 'text-code-str',
  keyword: 'text-code-key',
  number: 'text-code-num',
  comment: 'text-code-dim',
}

/** Code to copy, in as many languages as there are readers. */
export function CodeBlock({ samples, value, onValueChange, footer, label = 'Language', className }: CodeBlockProps) {
  const [own, setOwn] = useState(samples[0]?.id)
  const current = samples.find((sample) => sample.id === (value ?? own)) ?? samples[0]
  if (!current) return null
  const box = cn('min-w-0 overflow-hidden rounded-card border border-line bg-card', className)
  const copy = <CopyButton size={28} text={current.copyText ?? current.code} />
  const foot = footer ? <div className="border-line border-t px-4 py-2.5 text-13">{footer}</div> : null
  if (samples.length === 1) {
    return (
      <div className={box}>
        <div className="flex h-11 items-center justify-between gap-4 border-line border-b ps-4 pe-2">
          <span className="font-medium text-13 text-soft">{current.label}</span>
          {copy}
        </div>
        <Code sample={current} />
        {foot}
      </div>
    )
  }
  return (
    <Tabs.Root
      className={box}
      value={current.id}
      onValueChange={(id) => {
        setOwn(id)
        onValueChange?.(id)
      }}
    >
      <div className="flex items-center justify-between gap-4 border-line border-b ps-4 pe-2">
        <Tabs.List aria-label={label} className="flex min-w-0 gap-5 overflow-x-auto [scrollbar-width:none]">
          {samples.map((sample) => (
            <Tab key={sample.id} value={sample.id} className="h-11">
              {sample.label}
            </Tab>
          ))}
        </Tabs.List>
        {copy}
      </div>
      {samples.map((sample) => (
        <Tabs.Content key={sample.id} value={sample.id} tabIndex={-1}>
          <Code sample={sample} />
        </Tabs.Content>
      ))}
      {foot}
    </Tabs.Root>
  )
}

function Code({ sample }: { sample: CodeSample }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable without a mouse.
    <pre tabIndex={0} className="overflow-x-auto bg-code-bg p-4 font-mono text-13 leading-[22px] -outline-offset-2">
      <code className="text-[length:inherit]">
        {highlight(sample.code, sample.lang).map((token, index) => (
          <span key={index} className={COLORS[token.kind]}>
            {token.text}
          </span>
        ))}
      </code>
    </pre>
  )
}
