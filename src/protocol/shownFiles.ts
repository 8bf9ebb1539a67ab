import type { FileFacts } from './files.ts'

/** Types that a browser may show by itself; everything else is only ever saved. */
const SHOWN = /^(image\/(png|jpeg|gif|webp|avif)|video\/(mp4|webm)|audio\/(mpeg|mp4|ogg|wav|webm|aac|flac))$/
export const isShown = (type: string): boolean => SHOWN.test(type)

/** A picture that browsers show. */
export const isPicture = (file: Pick<FileFacts, 'type' | 'width' | 'height'>): file is FileFacts & { width: number; height: number } =>
  file.width !== undefined && file.height !== undefined && file.type.startsWith('image/') && isShown(file.type)
