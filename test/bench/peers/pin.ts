import { execFileSync } from 'node:child_process'

/** The broker that is measured has a core of its own; whoever loads it has the other. */
export const brokerCore = 0
export const loadCore = 1

/** Binds every thread of a process, and those it starts later, to one core (taskset(1), of util-linux). */
export function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-acp', `${core}`, `${pid}`], { stdio: 'ignore' })
}
