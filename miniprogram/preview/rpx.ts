/** Lengths in rpx as lengths of the window's width: 750 rpx are all of it. */
export const rpxLengths = (text: string): string =>
  text.replace(/(-?(?:\d+\.?\d*|\.\d+))rpx\b/g, (_, rpx: string) => `${Number((Number(rpx) / 7.5).toFixed(5))}vw`)
