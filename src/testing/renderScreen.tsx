import { render, type RenderResult } from '@testing-library/react'
import type { Action } from '@reduxjs/toolkit'
import { StrictMode, useEffect, type ReactNode } from 'react'
import { Provider } from 'react-redux'
import { MemoryRouter, useLocation } from 'react-router-dom'
import type { Client, Intents } from '#client/live/client.ts'
import { conversationsLearned, sessionStarted } from '#client/live/facts.ts'
import { AppRoutes } from '#client/routes/AppRoutes.tsx'
import { makeStore, type Store } from '#client/store/makeStore.ts'
import { ann, person, snapshot } from './clientBuilders.ts'

/*
 * What a browser has and jsdom lacks, as far as screens use it: modal dialogs, media queries, layout. Real ones are tried in e2e/.
 */
HTMLDialogElement.prototype.showModal = function () {
  this.open = true
}
HTMLDialogElement.prototype.close = function () {
  this.open = false
}
Element.prototype.scrollIntoView = () => {}
window.matchMedia = (query) => Object.assign(new EventTarget(), { matches: query === '(pointer: fine)', media: query }) as MediaQueryList

/** The two regions that `index.html` carries. */
export function liveRegions(): { polite: () => string[]; assertive: () => string[] } {
  for (const id of ['sr-polite', 'sr-assertive']) {
    document.getElementById(id)?.remove()
    const region = document.createElement('div')
    region.id = id
    document.body.append(region)
  }
  const said = (id: string) => [...document.getElementById(id)!.children].map((child) => child.textContent.replaceAll('\u200B', ''))
  return { polite: () => said('sr-polite'), assertive: () => said('sr-assertive') }
}

export type Screen = RenderResult & { store: Store; intents: Intents; /** Everything dispatched so far, oldest first. */ actions: Action[] }

/** A screen over the real store, with Ann signed in and one conversation, in StrictMode as in development. */
export function renderScreen(
  children: ReactNode,
  { path = '/', prepare = () => {} }: { path?: string; prepare?: (store: Store) => void } = {},
): Screen {
  const { store, intents } = makeStore()
  const actions: Action[] = []
  intents.subscribe((action) => actions.push(action))
  store.dispatch(sessionStarted({ user: person(ann) }))
  store.dispatch(conversationsLearned({ conversations: [snapshot()] }))
  prepare(store)
  const result = render(
    <StrictMode>
      <Provider store={store}>
        <MemoryRouter initialEntries={[path]}>{children}</MemoryRouter>
      </Provider>
    </StrictMode>,
  )
  return { ...result, store, intents, actions }
}

/** The whole app at an address, in StrictMode. `world.client` makes what is outside of the page. */
export function renderApp(world: { client: (store: Store) => Client }, { path = '/' }: { path?: string } = {}): Screen & { path: () => string } {
  const { store, intents } = makeStore()
  const actions: Action[] = []
  intents.subscribe((action) => actions.push(action))
  let at = path
  const Address = () => {
    const { pathname } = useLocation()
    useEffect(() => {
      at = pathname
    })
    return null
  }
  const result = render(
    <StrictMode>
      <Provider store={store}>
        <MemoryRouter initialEntries={[path]}>
          <AppRoutes client={world.client(store)} intents={intents} />
          <Address />
        </MemoryRouter>
      </Provider>
    </StrictMode>,
  )
  return { ...result, store, intents, actions, path: () => at }
}
