const two = (value: number) => String(value).padStart(2, '0')

/** `14:05`, in the phone's time zone. */
export function clockTime(atMs: number): string {
  const at = new Date(atMs)
  return `${two(at.getHours())}:${two(at.getMinutes())}`
}

/** `2026-11-23`, in the phone's time zone. */
export function day(atMs: number): string {
  const at = new Date(atMs)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** `2026-11`, in the phone's time zone. */
export const month = (atMs: number): string => day(atMs).slice(0, 7)

/** `11-23 14:05`, in the phone's time zone. */
export const dayAndTime = (atMs: number): string => `${day(atMs).slice(5)} ${clockTime(atMs)}`
