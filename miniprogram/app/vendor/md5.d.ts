/** Lower-case hex MD5 of the UTF-8 of `text`. The bundle is made by miniprogram/build/vendor/md5.ts. */
export function md5(text: string): string
