import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { BareIconButton } from './bare-icon-button'
import { Input, type InputProps } from './input'

/** A password with an eye. Seeing what was typed beats typing it twice. */
export function PasswordInput(props: Omit<InputProps, 'type' | 'after'>) {
  const [isShown, setIsShown] = useState(false)
  return (
    <Input
      {...props}
      type={isShown ? 'text' : 'password'}
      autoCapitalize="none"
      spellCheck={false}
      after={
        <BareIconButton
          label={isShown ? 'Hide password' : 'Show password'}
          size={24}
          className="-mr-1"
          aria-pressed={isShown}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </BareIconButton>
      }
    />
  )
}
