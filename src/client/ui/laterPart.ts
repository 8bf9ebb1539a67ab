import { createElement, lazy, Suspense, type ComponentType, type FunctionComponent, type LazyExoticComponent, type ReactNode } from 'react'

/** Long enough that a page without a network is not busy with asking. */
const AGAIN_AFTER_MS = 5_000

type Load<Props> = () => Promise<ComponentType<Props>>

const loads: (() => Promise<unknown>)[] = []

/** A part of the page that is loaded when it is first shown, or before, by `loadLaterParts`. */
export function laterPart<Props>(load: Load<Props>): LazyExoticComponent<ComponentType<Props>> {
  loads.push(load)
  return lazy(() => load().then((part) => ({ default: part })))
}

/** The same for a part without which what is around it still stands: it never fails, it is asked for until it is here; `before` is shown then. */
export function patientPart<Props extends object>(
  load: Load<Props>,
  before: ReactNode | ((props: Props) => ReactNode) = null,
): FunctionComponent<Props> {
  const Part: ComponentType<Props> = laterPart(() => untilHere(load))
  return (props) => createElement(Suspense, { fallback: typeof before === 'function' ? before(props) : before }, createElement(Part, props))
}

/** Brings everything that may be needed once the network is gone. */
export function loadLaterParts(): void {
  for (const load of loads) load().catch(() => {})
}

async function untilHere<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load()
  } catch {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS))
    return untilHere(load)
  }
}
