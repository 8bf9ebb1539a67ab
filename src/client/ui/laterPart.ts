import { lazy, type ComponentType, type LazyExoticComponent } from 'react'

const loads: (() => Promise<unknown>)[] = []

/** A part of the page that is loaded when it is first shown, or before, by `loadLaterParts`. */
export function laterPart<Props>(load: () => Promise<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
  loads.push(load)
  return lazy(() => load().then((part) => ({ default: part })))
}

/** Brings everything that may be needed once the network is gone. A part that can't be had now is asked for again when it is shown. */
export function loadLaterParts(): void {
  for (const load of loads) load().catch(() => {})
}
