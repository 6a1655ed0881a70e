import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { isLoopback } from '../../network/ip-address.ts'

/** What is asked about a request before it is told how the process is. */
export interface MonitoringRequest {
  readonly address: string
  readonly headers: IncomingHttpHeaders
}

export interface MonitoringRule {
  /** `loopback`: this machine, and elsewhere operators; `public`: anybody who reaches the port. */
  readonly monitoring: 'loopback' | 'public'
  /** Whether it is a token of an operator that is in force. */
  readonly isOperator: (token: string) => Promise<boolean>
}

/** Behind a proxy on this machine everybody comes from loopback; but a proxy says for whom it asks. */
const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some(name => /^(forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name))

/** A page of elsewhere whose name was made to lead here (DNS rebinding) is asked for by that name; who is at the machine asks by an address. */
const namesThisMachine = ({ host }: IncomingHttpHeaders): boolean => {
  const name = host?.replace(/:\d*$/, '') // browsers always send one
  return name === undefined || name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}

/** May this request be told? */
export async function mayMonitor(
  { address, headers }: MonitoringRequest,
  { monitoring, isOperator }: MonitoringRule,
): Promise<boolean> {
  if (monitoring === 'public' || (isLoopback(address) && namesThisMachine(headers) && !isForwarded(headers)))
    return true
  const token = /^Bearer +([^\s]+)$/i.exec(headers.authorization ?? '')?.[1]
  return token !== undefined && (await isOperator(token))
}
