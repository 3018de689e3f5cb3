import { AuthFrame } from './auth-frame'

/** A fresh server gives its first account to whoever can read its output, and to nobody else. */
export function SetupNeeded() {
  return (
    <AuthFrame title="Set up this server" lead="There is no account yet.">
      <p className="mt-5 text-soft">
        Open the set-up link that the server printed when it started. It works once and makes you the owner.
      </p>
      <p className="mt-4 text-13 text-muted">
        With Docker it stands in <code>docker compose logs</code>, under systemd in <code>journalctl</code>. Starting
        the server again prints a new one.
      </p>
    </AuthFrame>
  )
}
