import { createElement, Fragment, type ReactNode } from 'react'
import { t } from './t.ts'

/** As `t`, with elements for values. */
export const tx = (english: string, nodes: Record<string, ReactNode>): ReactNode =>
  createElement(
    Fragment,
    null,
    ...t(english)
      .split(/\{(\w+)\}/)
      .map((part, at) => (at % 2 === 0 ? part : nodes[part])),
  )
