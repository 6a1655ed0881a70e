import type { RunningApp } from '../start-app.ts'
import { createAuthority } from './certificates.ts'
import { exampleOf, startProxy } from './proxy-process.ts'

const { cert, key } = createAuthority().issue({ commonNames: ['localhost'] })

/** A certificate for localhost, as files. */
export const certificate = { 'cert.pem': cert, 'key.pem': key } as const

/** nginx as deploy/nginx.conf has it, on a port of TLS; `below` a path; without `tls` on a plain port. */
export const startNginx = ({ app }: RunningApp, { below = '/', tls = true } = {}) =>
  startProxy({
    program: 'nginx',
    ports: 1,
    files: certificate,
    configOf: ([port], folder) => {
      const example = exampleOf('nginx.conf', {
        'listen 443 ssl;': `listen 127.0.0.1:${port}${tls ? ' ssl' : ''};`,
        'listen [::]:443 ssl;': '',
        '/etc/letsencrypt/live/iot.example.com/fullchain.pem': `${folder}/cert.pem`,
        '/etc/letsencrypt/live/iot.example.com/privkey.pem': `${folder}/key.pem`,
        'location / {': `location ${below} {`,
        'proxy_pass http://127.0.0.1:8080;': `proxy_pass http://127.0.0.1:${app.ports.http}${below === '/' ? '' : '/'};`,
      })
      const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      const temporary = places.map(name => `${name}_temp_path ${folder}/${name};`).join('\n')
      return `daemon off; pid ${folder}/pid;\nevents { worker_connections 2048; }\nhttp { access_log off; ${temporary}\n${example} }`
    },
  })

/** HAProxy as deploy/haproxy.cfg has it: a port of HTTPS, and one of MQTT over TLS, which it passes through. */
export const startHaproxy = ({ app }: RunningApp) =>
  startProxy({
    program: 'haproxy',
    ports: 2,
    files: { 'both.pem': Object.values(certificate).join('') },
    configOf: ([https, mqtts], folder) =>
      exampleOf('haproxy.cfg', {
        'maxconn 40000': 'maxconn 400',
        'bind :443 ssl crt /etc/haproxy/iot.example.com.pem': `bind 127.0.0.1:${https} ssl crt ${folder}/both.pem`,
        'bind :8883': `bind 127.0.0.1:${mqtts}`,
        '127.0.0.1:8080': `127.0.0.1:${app.ports.http}`,
        '127.0.0.1:8884': `127.0.0.1:${app.ports.mqtts}`,
      }),
  })

/** Caddy as deploy/Caddyfile has it, on a port of TLS, with a certificate of ours in place of one that it gets. */
export const startCaddy = ({ app }: RunningApp) =>
  startProxy({
    program: 'caddy',
    ports: 1,
    files: certificate,
    configOf: ([port], folder) => {
      const example = exampleOf('Caddyfile', {
        'iot.example.com {': `https://localhost:${port}, https://127.0.0.1:${port} {\n\ttls ${folder}/cert.pem ${folder}/key.pem`,
        '{$LATCHKEY_UPSTREAM:127.0.0.1:8080}': `127.0.0.1:${app.ports.http}`,
      })
      return `{\n\tadmin off\n\tauto_https off\n\tdefault_sni localhost\n\tlog {\n\t\tlevel ERROR\n\t}\n}\n${example}`
    },
  })
