import { Component, type ReactNode } from 'react'
import { useLocation } from 'react-router'
import { RouteError } from './route-error'

/** Catches what a page throws while drawing; going to another page clears it. */
export function RouteBoundary({ children }: { children: ReactNode }) {
  const { pathname } = useLocation()
  return <Boundary place={pathname}>{children}</Boundary>
}

interface State {
  error: unknown
  place: string
}

class Boundary extends Component<{ place: string; children: ReactNode }, State> {
  override state: State = { error: null, place: this.props.place }

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error }
  }

  static getDerivedStateFromProps(props: { place: string }, state: State): Partial<State> | null {
    return props.place === state.place ? null : { place: props.place, error: null }
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children
    return <RouteError error={this.state.error} onRetry={() => this.setState({ error: null })} />
  }
}
