import { Chip } from '@trackable/ui/chip'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { CircleX } from 'lucide-react'
import { type ClipboardEvent, type KeyboardEvent, useState } from 'react'
import { addAddresses, isAddress, recipientsProblem } from './recipients'

export interface RecipientsFieldProps {
  value: string[]
  onChange: (value: string[]) => void
  /** What the server or the schema found wrong. */
  error?: string
  disabled?: boolean
}

/** Addresses as chips. Enter, a comma, a space or leaving the field adds what was typed; a pasted list is taken apart. */
export function RecipientsField({ value, onChange, error, disabled }: RecipientsFieldProps) {
  const [text, setText] = useState('')
  const add = (more: string) => {
    setText('')
    const next = addAddresses(value, more)
    if (next.length !== value.length) onChange(next)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const isEnd = ['Enter', ',', ';', ' '].includes(event.key)
    if (isEnd && text.trim() !== '') {
      event.preventDefault()
      add(text)
    } else if (isEnd && event.key !== 'Enter') {
      event.preventDefault()
    } else if (event.key === 'Backspace' && text === '' && value.length > 0) {
      onChange(value.slice(0, -1))
    }
  }
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData('text')
    if (!/[\s,;]/.test(pasted.trim())) return
    event.preventDefault()
    add(`${text} ${pasted}`)
  }
  // Wrong addresses are named at once; that somebody is missing is said when the form is sent.
  const problem = value.length === 0 ? error : (recipientsProblem(value) ?? error)
  return (
    <Field
      label="To"
      error={problem}
      aside={
        <span className="text-muted tabular-nums">{value.length === 1 ? '1 person' : `${value.length} people`}</span>
      }
    >
      <Input
        type="email"
        inputMode="email"
        multiple
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        disabled={disabled}
        placeholder={value.length === 0 ? 'name@example.org' : 'Add another'}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onBlur={() => add(text)}
        className="h-auto min-h-10 flex-wrap gap-1.5 px-2 py-[7px]"
        style={{ minWidth: 150, minHeight: 24, paddingInline: 4 }}
        before={value.map((address) => (
          <Recipient
            key={address}
            address={address}
            onRemove={disabled ? undefined : () => onChange(value.filter((a) => a !== address))}
          />
        ))}
      />
    </Field>
  )
}

function Recipient({ address, onRemove }: { address: string; onRemove: (() => void) | undefined }) {
  const isWrong = !isAddress(address)
  return (
    <Chip tone={isWrong ? 'bad' : 'neutral'} onRemove={onRemove} removeLabel={`Remove ${address}`}>
      {isWrong ? <CircleX aria-hidden className="flex-none" /> : null}
      <span className="truncate">{address}</span>
      {isWrong ? <span className="sr-only">, not an e-mail address</span> : null}
    </Chip>
  )
}
