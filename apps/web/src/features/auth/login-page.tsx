import { Button } from '@trackable/ui/button'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { PasswordInput } from '@trackable/ui/password-input'
import { type FormEvent, useState } from 'react'
import { Link, Navigate, useSearchParams } from 'react-router'
import { paths, safeNext } from '../../paths'
import { toProblem } from '../../problem'
import { PageLoading } from '../shell/page-loading'
import { RouteError } from '../shell/route-error'
import { authApi, useSend, useSignInState } from './auth-api'
import { AuthFrame } from './auth-frame'
import { SetupNeeded } from './setup-needed'

/** Sign in, and go where `?next=` says, on this origin only. */
export default function LoginPage() {
  const [search] = useSearchParams()
  const next = search.get('next')
  const state = useSignInState()
  if (!state.data) {
    if (state.error) return <RouteError error={state.error} onRetry={state.reload} retrying={state.isLoading} />
    return <PageLoading />
  }
  if (state.data.user) return <Navigate replace to={safeNext(next, window.location.origin)} />
  if (state.data.needsSetup) return <SetupNeeded />
  return (
    <AuthFrame title="Sign in" lead="with your e-mail address and password">
      <LoginForm next={next} />
      {state.data.registration === 'open' ? (
        <p className="mt-6 text-center text-13 text-muted">
          New here?{' '}
          <Link className="link" to={paths.register(next ?? undefined)}>
            Create an account
          </Link>
        </p>
      ) : null}
    </AuthFrame>
  )
}

/**
 * Two fields, so the form library would be most of what this page loads; the schema is the same one that the server
 * checks with, fetched when the form is sent.
 */
function LoginForm({ next }: { next: string | null }) {
  const [errors, setErrors] = useState<{ email?: string; password?: string }>({})
  const [refusal, setRefusal] = useState<unknown>(null)
  const login = useSend(authApi.login.mutate, safeNext(next, window.location.origin))
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const { Login } = await import('@trackable/api/client')
    const checked = Login.safeParse(Object.fromEntries(new FormData(form)))
    if (checked.success) {
      setErrors({})
      setRefusal(null)
      setRefusal((await login.submit(checked.data)) ?? null)
      return
    }
    const found: Record<string, string> = {}
    for (const issue of checked.error.issues) found[String(issue.path[0])] ??= issue.message
    setErrors(found)
    form.querySelector<HTMLInputElement>(`[name="${Object.keys(found)[0]}"]`)?.focus()
  }
  return (
    <form noValidate onSubmit={submit} className="mt-6 grid gap-5">
      <Field label="E-mail" error={errors.email}>
        <Input size={40} name="email" type="email" autoComplete="username" autoFocus />
      </Field>
      <Field label="Password" error={errors.password}>
        <PasswordInput size={40} name="password" autoComplete="current-password" />
      </Field>
      {refusal ? (
        <p role="alert" className="text-13 text-bad">
          {toProblem(refusal).message}
        </p>
      ) : null}
      <Button type="submit" variant="primary" size={40} block busy={login.isBusy}>
        Sign in
      </Button>
    </form>
  )
}
