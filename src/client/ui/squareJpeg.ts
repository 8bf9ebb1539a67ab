const SIDE = 256
const QUALITY = 0.85

/**
 * The middle of a picture, square and small, as a JPEG in base64; null when this browser can't read it. What a camera wrote beside the
 * pixels, such as the place, is not in it.
 */
export async function squareJpeg(file: Blob): Promise<string | null> {
  try {
    const image = await createImageBitmap(file)
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = SIDE
    const context = canvas.getContext('2d')!
    // under what is transparent: a JPEG would show it black
    context.fillStyle = 'white'
    context.fillRect(0, 0, SIDE, SIDE)
    context.imageSmoothingQuality = 'high'
    const side = Math.min(image.width, image.height)
    context.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, SIDE, SIDE)
    image.close()
    return canvas.toDataURL('image/jpeg', QUALITY).split(',')[1] ?? null
  } catch {
    return null
  }
}
