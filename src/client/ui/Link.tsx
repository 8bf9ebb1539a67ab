import type { ComponentProps } from 'react'
import { useHref, useLinkClickHandler } from 'react-router-dom'

/** A way to another place in the app. React Router's own link would bring its prefetching along, to everybody's first load. */
export function Link({ to, onClick, children, ...rest }: Omit<ComponentProps<'a'>, 'href'> & { to: string }) {
  const href = useHref(to)
  const go = useLinkClickHandler(to)
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        onClick?.(event)
        if (!event.defaultPrevented) go(event)
      }}
    >
      {children}
    </a>
  )
}
