/** Converts lengths in rpx to shares of the window's width: 750 rpx are the whole width. */
export const rpxLengths = (text: string): string =>
  text.replace(/(-?(?:\d+\.?\d*|\.\d+))rpx\b/g, (_, rpx: string) => `${Number((Number(rpx) / 7.5).toFixed(5))}vw`)
