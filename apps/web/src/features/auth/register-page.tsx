import { Link, Navigate, useSearchParams } from 'react-router'
import { paths, safeNext } from '../../paths'
import { PageLoading } from '../shell/page-loading'
import { RouteError } from '../shell/route-error'
import { useSignInState } from './auth-api'
import { AuthFrame } from './auth-frame'
import { RegisterForm } from './register-form'
import { SetupNeeded } from './setup-needed'

/** The first account, from the printed set-up link, and every later one where registration is open. */
export default function RegisterPage() {
  const [search] = useSearchParams()
  const token = search.get('token')
  const next = search.get('next')
  const state = useSignInState()
  if (!state.data) {
    if (state.error) return <RouteError error={state.error} onRetry={state.reload} retrying={state.isLoading} />
    return <PageLoading />
  }
  const { user, needsSetup, registration } = state.data
  if (user) return <Navigate replace to={safeNext(next, window.location.origin)} />
  if (needsSetup) {
    if (!token) return <SetupNeeded />
    return (
      <AuthFrame title="Set up this server" lead="You become its owner.">
        <RegisterForm setupToken={token} next={null} />
      </AuthFrame>
    )
  }
  if (token || registration === 'closed') return <Closed isUsedLink={Boolean(token)} />
  return (
    <AuthFrame title="Create an account" lead="and a team of your own">
      <RegisterForm setupToken={null} next={next} />
      <p className="mt-6 text-center text-13 text-muted">
        Already registered?{' '}
        <Link className="link" to={paths.login(next ?? undefined)}>
          Sign in
        </Link>
      </p>
    </AuthFrame>
  )
}

function Closed({ isUsedLink }: { isUsedLink: boolean }) {
  return (
    <AuthFrame title={isUsedLink ? 'This link was used' : 'Registration is closed'}>
      <p className="mt-4 text-soft">
        {isUsedLink
          ? 'A set-up link makes one owner. Sign in, or ask whoever runs this server for an account.'
          : 'Ask whoever runs this server for an account.'}
      </p>
      <p className="mt-4 text-13 text-muted">
        Running it yourself? <code>pnpm trackable bootstrap</code> makes an account, and the setting{' '}
        <code>REGISTRATION=open</code> lets everybody make their own.
      </p>
      <p className="mt-6 text-13">
        <Link className="link" to={paths.login()}>
          Sign in
        </Link>
      </p>
    </AuthFrame>
  )
}
