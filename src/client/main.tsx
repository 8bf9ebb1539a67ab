import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Provider } from 'react-redux'
import { BrowserRouter } from 'react-router-dom'
import '#client/ui/tokens.css'
import '#client/ui/base.css'
import { createClient } from '#client/live/createClient.ts'
import { AppRoutes } from '#client/routes/AppRoutes.tsx'
import { makeStore } from '#client/store/makeStore.ts'
import { APPEARANCE_KEY, appearanceFrom, wear } from '#client/ui/appearance.ts'
import { speakLanguage } from '#client/ui/language.ts'
import { stored } from '#client/ui/stored.ts'

wear(appearanceFrom(stored(APPEARANCE_KEY)))
const { store, intents } = makeStore()
const client = createClient({ dispatch: store.dispatch, intents })
if (__TEST_HOOKS__) void import('#client/lab/testHooks.ts').then(({ installTestHooks }) => installTestHooks({ store, intents }))

void speakLanguage().then(() =>
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <Provider store={store}>
        <BrowserRouter>
          <AppRoutes client={client} intents={intents} />
        </BrowserRouter>
      </Provider>
    </StrictMode>,
  ),
)
