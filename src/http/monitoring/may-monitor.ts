import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { isLoopback } from '../../network/ip-address.ts'

/** The part of a monitoring request that decides whether it is allowed. */
export interface MonitoringRequest {
  readonly address: string
  readonly headers: IncomingHttpHeaders
}

export interface MonitoringRule {
  /** `loopback`: this machine, and operators from elsewhere; `public`: anybody who reaches the port. */
  readonly monitoring: 'loopback' | 'public'
  /** Says whether a token is a valid token of an operator. */
  readonly isOperator: (token: string) => Promise<boolean>
}

/** Behind a proxy on this machine everybody comes from loopback, but a proxy names the client in a header. */
const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some(name => /^(forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name))

/** A foreign page whose name was made to resolve to this machine (DNS rebinding) sends that name; a local client sends an address or `localhost`. */
const namesThisMachine = ({ host }: IncomingHttpHeaders): boolean => {
  const name = host?.replace(/:\d*$/, '') // browsers always send one
  return name === undefined || name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}

/** True when the request may see health, readiness and metrics. */
export async function mayMonitor(
  { address, headers }: MonitoringRequest,
  { monitoring, isOperator }: MonitoringRule,
): Promise<boolean> {
  if (monitoring === 'public' || (isLoopback(address) && namesThisMachine(headers) && !isForwarded(headers)))
    return true
  const token = /^Bearer +([^\s]+)$/i.exec(headers.authorization ?? '')?.[1]
  return token !== undefined && (await isOperator(token))
}
