import { createContext, useContext } from 'react'
import type { Client, Intents } from '#client/live/client.ts'

/** The world outside the page: the client, and the stream of everything that is asked for and happens. */
export type Outside = { client: Client; intents: Intents }

const OutsideContext = createContext<Outside | null>(null)
export const OutsideProvider = OutsideContext.Provider

function useOutside(): Outside {
  const outside = useContext(OutsideContext)
  if (!outside) throw new Error('There is no OutsideProvider around this')
  return outside
}

/** For screens only: what a feature needs of the client is handed to it. */
export const useClient = (): Client => useOutside().client
export const useIntents = (): Intents => useOutside().intents
