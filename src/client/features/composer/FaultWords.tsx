import { faultWords } from './faultWords.ts'

/** Why what is being written can't be sent. */
export const FaultWords = ({ text }: { text: string }) => faultWords(text)
