import type { FastifyInstance } from 'fastify'

/** Serves WeChat's verification files at `/NAME`; `files` is read at each request. */
export function serveVerificationFiles(app: FastifyInstance, files: () => ReadonlyMap<string, Buffer>): void {
  app.get<{ Params: { name: string } }>('/:name', (request, reply) => {
    const content = files().get(request.params.name)
    if (!content) return reply.callNotFound()
    return reply
      .headers({
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
      .send(content)
  })
}
