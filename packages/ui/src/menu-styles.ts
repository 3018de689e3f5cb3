/** The surface of everything that opens over a page: menus, popovers, listboxes. */
export const menuSurface =
  'z-50 animate-rise rounded-[10px] border border-line bg-raised text-ink shadow-menu outline-none'

/** A row of a menu or a list; the highlighted one is data-highlighted (menus) or data-selected (command lists). */
export const menuItem =
  'flex min-h-8 w-full cursor-default select-none items-center gap-2 rounded-[6px] px-2 text-13 outline-none touch:min-h-11 data-[disabled]:opacity-50 data-[disabled=false]:opacity-100 data-[highlighted]:bg-hover data-[selected=true]:bg-hover data-[state=open]:bg-hover'

export const menuHeading = 'px-2 pt-1.5 pb-1 font-medium text-12 text-muted'
