import type { FastifyInstance } from 'fastify'
import { readSite } from './read-site.ts'

/** A site that is served beside MQTT: `phone` is the mini-program for development, `console` is the operators' page. */
export interface Site {
  readonly name: 'phone' | 'console'
  readonly folder: string
}

/**
 * What a browser allows each page (Content Security Policy): to load what is served here, and to connect to this host. glass-easel and WXML write
 * styles into elements. The console shows what hostile clients send, so it may run only its own files, and not even set HTML.
 */
const policies: Readonly<Record<Site['name'], readonly string[]>> = {
  phone: [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "frame-ancestors 'self'",
  ],
  console: [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ],
}

/** Serves the files of a site below `/NAME/` as they are now, and nothing else from the disk. */
export function serveSite(app: FastifyInstance, { name, folder }: Site): void {
  const contentSecurityPolicy = [...policies[name], "base-uri 'none'", "form-action 'none'"].join('; ')
  const files = readSite(folder)
  app.get(`/${name}`, (_request, reply) => reply.redirect(`./${name}/`)) // relative, for a proxy that serves it below a path
  app.get<{ Params: { '*': string } }>(`/${name}/*`, (request, reply) => {
    const file = files.get(request.params['*'] || 'index.html')
    if (!file) return reply.callNotFound()
    return reply
      .headers({
        'content-type': file.type,
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      .send(file.content)
  })
}
