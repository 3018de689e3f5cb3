import { Button } from '@trackable/ui/button'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { PasswordInput } from '@trackable/ui/password-input'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { lazyResolver, showFieldErrors } from '../../form'
import { safeNext } from '../../paths'
import { toProblem } from '../../problem'
import { authApi, useSend } from './auth-api'

const resolver = lazyResolver(() => import('@trackable/api/client').then((m) => m.Register))

/** Name, team, address and password of a new account. */
export function RegisterForm({ setupToken, next }: { setupToken: string | null; next: string | null }) {
  const form = useForm({ resolver, defaultValues: { name: '', teamName: '', email: '', password: '', setupToken } })
  const [problem, setProblem] = useState<string | null>(null)
  const register = useSend(authApi.register.mutate, safeNext(next, window.location.origin))
  const submit = form.handleSubmit(async (values) => {
    setProblem(null)
    const error = await register.submit(values)
    if (!error) return
    const { code, message } = toProblem(error)
    if (code === 'email_taken') form.setError('email', { message }, { shouldFocus: true })
    else if (code === 'password_too_weak') form.setError('password', { message }, { shouldFocus: true })
    else if (!showFieldErrors(error, ['name', 'teamName', 'email', 'password'], form.setError)) setProblem(message)
  })
  const { errors } = form.formState
  return (
    <form noValidate onSubmit={submit} className="mt-6 grid gap-5">
      <Field label="Your name" error={errors.name?.message}>
        <Input size={40} autoComplete="name" autoFocus {...form.register('name')} />
      </Field>
      <Field label="Team" hint="Your company or project. Products belong to it." error={errors.teamName?.message}>
        <Input size={40} autoComplete="organization" {...form.register('teamName')} />
      </Field>
      <Field label="E-mail" error={errors.email?.message}>
        <Input size={40} type="email" autoComplete="username" {...form.register('email')} />
      </Field>
      <Field
        label="Password"
        hint="At least 12 characters. A few unrelated words do well."
        error={errors.password?.message}
      >
        <PasswordInput size={40} autoComplete="new-password" {...form.register('password')} />
      </Field>
      {problem ? (
        <p role="alert" className="text-13 text-bad">
          {problem}
        </p>
      ) : null}
      <Button type="submit" variant="primary" size={40} block busy={register.isBusy}>
        {setupToken ? 'Create the owner account' : 'Create account'}
      </Button>
    </form>
  )
}
