import type { SignInState } from '@trackable/api/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { createApiClient } from '../../api-client'

/** Signing in needs three requests and no cache of them: the query library would be a tenth of what the page loads. */
export const authApi = createApiClient().auth

export interface Loaded<T> {
  data: T | undefined
  error: unknown
  isLoading: boolean
  reload: () => void
}

/** Who is signed in, and whether this server still waits for its first account. */
export function useSignInState(): Loaded<SignInState> {
  const [state, setState] = useState<Omit<Loaded<SignInState>, 'reload'>>({
    data: undefined,
    error: null,
    isLoading: true,
  })
  const reload = useCallback(() => {
    setState((before) => ({ ...before, isLoading: true }))
    authApi.state.query().then(
      (data) => setState({ data, error: null, isLoading: false }),
      (error) => setState((before) => ({ ...before, error, isLoading: false })),
    )
  }, [])
  useEffect(reload, [reload])
  return { ...state, reload }
}

/**
 * Sends a form once at a time. It stays busy after success, because what follows is a full load of another page, so that
 * nothing of whoever was here before stays in memory.
 */
export function useSend<Input>(send: (input: Input) => Promise<unknown>, goTo: string) {
  const [isBusy, setBusy] = useState(false)
  const isSending = useRef(false)
  const submit = async (input: Input): Promise<unknown> => {
    if (isSending.current) return undefined
    isSending.current = true
    setBusy(true)
    try {
      await send(input)
      window.location.assign(goTo)
      return undefined
    } catch (error) {
      isSending.current = false
      setBusy(false)
      return error
    }
  }
  /** Resolves with what went wrong, if anything. */
  return { isBusy, submit }
}
