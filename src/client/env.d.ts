/** Names one build of the app; `dev` under `vite`. */
declare const __BUILD__: string

/** True under `vite` and in `--mode qa`: `window.__tidemark` and the Lab are there. False in production, and then their code is gone. */
declare const __TEST_HOOKS__: boolean
