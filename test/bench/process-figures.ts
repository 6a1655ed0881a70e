import { readFileSync } from 'node:fs'

const msPerTick = 10

/** User and system time of a process so far, in milliseconds (proc_pid_stat(5), fields 14 and 15); NaN where there is no /proc. */
export function cpuMsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * msPerTick
  } catch {
    return Number.NaN
  }
}

/** Resident memory of a process, in KiB (proc_pid_status(5), VmRSS); NaN where there is no /proc. */
export function residentKbOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}
