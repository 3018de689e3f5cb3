/** What is used of snappyjs, which ships no types. */
declare module 'snappyjs' {
  export function uncompress(compressed: Buffer, bytesMax?: number): Buffer
  export function compress(bytes: Buffer): Buffer
}
