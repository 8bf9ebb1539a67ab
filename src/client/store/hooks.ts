import { useDispatch, useSelector, useStore } from 'react-redux'
import type { AppDispatch, Store } from './makeStore.ts'
import type { RootState } from './reducer.ts'

export const useAppDispatch = useDispatch.withTypes<AppDispatch>()
export const useAppSelector = useSelector.withTypes<RootState>()
export const useAppStore = useStore.withTypes<Store>()
