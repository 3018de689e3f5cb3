import { BareIconButton, type BareIconButtonProps } from './bare-icon-button'
import { Tooltip } from './tooltip'

export interface IconButtonProps extends BareIconButtonProps {
  /** The single key or chord that does the same. */
  shortcut?: string
  /** Shows the label on hover and focus. */
  tooltip?: boolean
}

/** A button of one icon. Small ones keep their size and take clicks and touches around them. */
export function IconButton({ shortcut, tooltip = true, ...props }: IconButtonProps) {
  const button = <BareIconButton {...props} />
  if (!tooltip) return button
  return (
    <Tooltip content={props.label} shortcut={shortcut}>
      {button}
    </Tooltip>
  )
}
