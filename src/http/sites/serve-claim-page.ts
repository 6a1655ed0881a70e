import type { FastifyInstance } from 'fastify'

const page = `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey</title>
<p>这是一台设备的二维码。请打开小程序，在“添加设备”中扫描它。</p>
<p lang="en">This is the QR code of a device. Open the mini-program, tap “Add a device”, and scan it there.</p>
</html>
`

/** Serves the page for a claim link that is opened outside the mini-program. It shows nothing of the link. */
export function serveClaimPage(app: FastifyInstance): void {
  app.get('/claim', (_request, reply) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      .send(page),
  )
}
